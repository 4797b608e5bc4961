import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import ActionDialog from './ActionDialog.vue';

jest.mock('@shell/components/AppModal.vue', () => ({
  render(this: { $slots: { default(): unknown } }) {
    return this.$slots.default();
  }
}));

describe('the dialog before a migration', () => {
  let dialog: Mounted;

  const request = jest.spyOn(client, 'request');
  const options = () => dialog.page.findAll('[data-testid="croft-migrate-node"] option').map((option) => option.text());

  async function open() {
    dialog = await mounted(ActionDialog, {
      item: {
        entry: 'migrate', enabled: true, grave: false
      },
      target: {
        site: 'c-m-1', namespace: 'default', name: 'web'
      }
    });
  }

  afterEach(() => dialog.page.unmount());
  afterAll(() => jest.restoreAllMocks());

  it('offers the nodes that can take the machine', async() => {
    request.mockResolvedValue({ nodes: ['node-1', 'node-2'] });
    await open();
    expect(options()).toStrictEqual(['generic.loading']);

    await flushPromises();
    expect(options()).toStrictEqual(['croft.action.ask.anyNode', 'node-1', 'node-2']);
  });

  it('leaves the choice to the site where the nodes are not told', async() => {
    request.mockRejectedValue(new client.ApiError(403, 'Forbidden', 'You may not ask.'));
    await open();
    await flushPromises();

    expect(options()).toStrictEqual(['croft.action.ask.anyNode']);
    expect(dialog.page.find('[data-testid="croft-dialog-error"]').text()).toBe('You may not ask.');
  });
});
