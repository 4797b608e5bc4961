import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { mounted } from '../testing/mount';
import { newTemplate } from './template';
import Versions from './Versions.vue';

jest.mock('@shell/components/AppModal.vue', () => ({
  inheritAttrs: false,
  emits:        ['close'],
  render(this: { $slots: { default(): unknown } }) {
    return this.$slots.default();
  }
}));

const AT = '/k8s/clusters/c-m-1/v1/harvester';
const version = (name: string, number: number) => ({
  metadata: { name, namespace: 'default' }, spec: { templateId: 'default/t', imageId: 'default/tiny' }, status: { version: number }
});

describe('the versions of a template', () => {
  const template = { ...newTemplate({ name: 't', namespace: 'default' }), spec: { defaultVersionId: 'default/v1' } };
  const request = jest.spyOn(client, 'request');

  afterAll(() => jest.restoreAllMocks());

  it('are shown newest first, and all but the default can become it or go', async() => {
    jest.spyOn(subscription, 'subscribe').mockReturnValue(() => {});
    request.mockResolvedValue({ data: [version('v1', 1), version('v2', 2)] });
    const { page } = await mounted(Versions, { site: 'c-m-1', template });

    await flushPromises();
    expect(request.mock.calls[0][0]).toBe(`${ AT }/harvesterhci.io.virtualmachinetemplate/default/t/versions`);
    expect(page.findAll('tbody tr').map((tr) => [tr.attributes('data-testid'), tr.findAll('button').length])).toStrictEqual([['croft-version-row-v2', 2], ['croft-version-row-v1', 0]]);

    request.mockRejectedValue(client.errorOf(422, { message: 'It is no version of it.' }));
    await page.find('tbody button').trigger('click');
    await flushPromises();
    expect(request.mock.calls.find(([, options]) => options?.method === 'PUT')).toMatchObject([`${ AT }/harvesterhci.io.virtualmachinetemplate/default/t`, { body: { spec: { defaultVersionId: 'default/v2' } } }]);
    expect(page.find('[data-testid="croft-version-error"]').text()).toBe('It is no version of it.');
    page.unmount();
  });

  it('ask before one is deleted', async() => {
    jest.spyOn(subscription, 'subscribe').mockReturnValue(() => {});
    request.mockReset().mockResolvedValue({ data: [version('v1', 1), version('v2', 2)] });
    const { page } = await mounted(Versions, { site: 'c-m-1', template });
    const deleted = () => request.mock.calls.filter(([, options]) => options?.method === 'DELETE').map(([url]) => url);

    await flushPromises();
    await page.find('[data-testid="croft-version-delete-v2"]').trigger('click');
    expect(deleted()).toStrictEqual([]);
    await page.find('[data-testid="croft-dialog"]').trigger('submit');
    await flushPromises();
    expect(deleted()).toStrictEqual([`${ AT }/harvesterhci.io.virtualmachinetemplateversion/default/v2`]);
    page.unmount();
  });

  it('become machines with the keys of both, and lose nothing that was typed when the site refuses', async() => {
    const whole = {
      ...version('v1', 1),
      spec: {
        ...version('v1', 1).spec, keyPairIds: ['default/mine'], vm: { spec: { template: { spec: { domain: { devices: {} } } } } }
      }
    };
    let answer: () => unknown = () => {
      throw client.errorOf(409, { code: 'AlreadyExists', message: 'There is one.' });
    };

    jest.spyOn(subscription, 'subscribe').mockReturnValue(() => {});
    request.mockReset().mockImplementation(async(url, options) => {
      if (options?.method === 'POST') {
        return answer();
      }

      return url.includes('keypair/default/mine') ? { spec: { publicKey: 'ssh-ed25519 AAAA me' } } : { data: url.endsWith('/versions') ? [whole] : [] };
    });
    const { page, router } = await mounted(Versions, { site: 'c-m-1', template });

    await flushPromises();
    await page.find('[data-testid="croft-version-machine-v1"]').trigger('click');
    await flushPromises();
    await page.find('[data-testid="croft-field-name"]').setValue('web');
    await page.find('[data-testid="croft-dialog"]').trigger('submit');
    await flushPromises();
    expect(page.find('[data-testid="croft-refusal-name"]').text()).toBe('There is one.');
    expect((page.find('[data-testid="croft-field-name"]').element as HTMLInputElement).value).toBe('web');

    answer = () => undefined;
    await page.find('[data-testid="croft-dialog"]').trigger('submit');
    await flushPromises();
    const [url, options] = request.mock.calls.filter(([, sent]) => sent?.method === 'POST').pop() ?? [];

    expect(url).toBe(`${ AT }/kubevirt.io.virtualmachine`);
    expect(JSON.stringify(options?.body)).toContain('ssh-ed25519 AAAA me');
    expect(router.currentRoute.value.params).toMatchObject({
      site: 'c-m-1', namespace: 'default', name: 'web'
    });
    page.unmount();
  });
});
