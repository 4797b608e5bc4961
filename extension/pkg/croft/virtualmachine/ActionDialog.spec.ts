import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import type { VirtualMachine } from '../api/kubevirt';
import { TYPE } from '../api/urls';
import { mounted, type Mounted } from '../testing/mount';
import ActionDialog from './ActionDialog.vue';
import type { Entry } from './actions';

jest.mock('@shell/components/AppModal.vue', () => ({
  inheritAttrs: false,
  emits:        ['close'],
  render(this: { $slots: { default(): unknown } }) {
    return this.$slots.default();
  }
}));

describe('the dialog before an action on a machine', () => {
  let dialog: Mounted;

  const request = jest.spyOn(client, 'request');
  const at = (id: string) => dialog.page.find(`[data-testid="${ id }"]`);
  const options = (field: string) => at(`croft-field-${ field }`).findAll('option').map((option) => option.text());

  async function open(entry: Entry, object?: VirtualMachine) {
    dialog = await mounted(ActionDialog, {
      item:    { entry, enabled: true },
      subject: {
        site: 'c-m-1', type: TYPE.virtualMachine, namespace: 'default', name: 'web', object
      }
    });
  }

  beforeEach(() => request.mockReset());
  afterEach(() => dialog.page.unmount());
  afterAll(() => jest.restoreAllMocks());

  it('offers the nodes that can take the machine', async() => {
    request.mockResolvedValue({ nodes: ['node-1', 'node-2'] });
    await open('migrate');
    expect(options('nodeName')).toStrictEqual(['croft.loading']);

    await flushPromises();
    expect(options('nodeName')).toStrictEqual(['croft.action.ask.any', 'node-1', 'node-2']);
  });

  it('lets a node be typed where they are not told, and says why', async() => {
    request.mockRejectedValue(new client.ApiError(403, 'Forbidden', 'You may not ask.'));
    await open('migrate');
    await flushPromises();

    expect(at('croft-field-nodeName').element.tagName).toBe('INPUT');
    expect(at('croft-refusal-nodeName').text()).toBe('You may not ask.');
  });

  it('sends what was filled in, and shows a refusal at its field', async() => {
    await open('clone');
    await at('croft-dialog').trigger('submit');
    expect(at('croft-refusal-targetVm').text()).toBe('croft.form.error.required');
    expect(request).not.toHaveBeenCalled();

    request.mockRejectedValue(client.errorOf(422, { message: 'There is a machine of this name.', fieldName: 'targetVm' }));
    await at('croft-field-targetVm').setValue('web-2');
    await at('croft-dialog').trigger('submit');
    await flushPromises();
    expect(request).toHaveBeenCalledWith('/k8s/clusters/c-m-1/v1/harvester/kubevirt.io.virtualmachine/default/web?action=clone', { method: 'POST', body: { targetVm: 'web-2' } });
    expect(at('croft-refusal-targetVm').text()).toBe('There is a machine of this name.');
    expect(dialog.page.emitted('close')).toBeUndefined();
  });

  it('deletes the disks that stay chosen', async() => {
    await open('delete', {
      metadata: { name: 'web' },
      spec:     {
        template: {
          spec: {
            domain:  { devices: { disks: [{ name: 'a' }, { name: 'b' }] } },
            volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'claim-a' } }, { name: 'b', persistentVolumeClaim: { claimName: 'claim-b' } }]
          }
        }
      }
    });
    await dialog.page.find('input[value="claim-b"]').setValue(false);
    await at('croft-dialog').trigger('submit');
    await flushPromises();

    expect(request).toHaveBeenCalledWith('/k8s/clusters/c-m-1/v1/harvester/kubevirt.io.virtualmachine/default/web?removedDisks=claim-a', { method: 'DELETE' });
    expect(dialog.page.emitted('close')).toStrictEqual([['delete']]);
  });
});
