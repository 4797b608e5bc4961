import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import * as file from '../display/file';
import { mounted } from '../testing/mount';
import List from './List.vue';

describe('the page of credentials', () => {
  afterEach(() => jest.restoreAllMocks());

  it('hands the kubeconfig to the reader, or says at its field why not', async() => {
    const save = jest.spyOn(file, 'save').mockImplementation(() => {});
    let answer: () => unknown = () => {
      throw client.errorOf(403, { message: 'You may not make service accounts there.', fieldName: 'namespace' });
    };

    jest.spyOn(subscription, 'subscribe').mockReturnValue(() => {});
    jest.spyOn(client, 'request').mockImplementation(async(_url, options) => options?.method === 'POST' ? answer() : { data: [] });
    const { page } = await mounted(List, {}, '/croft/c/_/credentials?site=c-m-1');

    await flushPromises();
    await page.find('[data-testid="croft-field-serviceAccountName"]').setValue('guest');
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(page.find('[data-testid="croft-refusal-namespace"]').text()).toBe('You may not make service accounts there.');
    expect(save).not.toHaveBeenCalled();

    answer = () => 'apiVersion: v1';
    await page.find('form').trigger('submit');
    await flushPromises();
    expect(save).toHaveBeenCalledWith('guest.kubeconfig', 'apiVersion: v1');
    expect(page.find('[data-testid="croft-credential-made"]').exists()).toBe(true);
    page.unmount();
  });
});
