import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { mounted } from '../testing/mount';
import { newTemplate } from './template';
import Versions from './Versions.vue';

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
});
