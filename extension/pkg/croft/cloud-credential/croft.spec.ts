import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import Credential from './croft.vue';

const SITE = {
  id: 'c-m-1', name: 'site-1', conditions: [{ type: 'Connected', status: 'True' }]
};

describe('the form of a cloud credential', () => {
  let form: Mounted;

  async function open(props: Record<string, unknown> = {}, made: () => unknown = () => ({ status: { value: 'made' } })) {
    jest.spyOn(client, 'request').mockImplementation(async(url, options) => options?.method === 'POST' ? made() : { data: url.startsWith('/v1/croft/sites') ? [SITE] : [] });
    form = await mounted(Credential, {
      value: { decodedData: {} }, mode: 'create', ...props
    });
    await flushPromises();
  }

  const select = () => form.page.findComponent({ name: 'LabeledSelect' });
  const told = () => form.page.emitted('valueChanged') ?? [];
  const valid = () => form.page.emitted('validationChanged')?.at(-1)?.[0];
  const test = () => (form.page.vm as unknown as { test: () => Promise<boolean> }).test();
  const kubeconfig = () => form.page.find('[data-testid="croft-credential-kubeconfig"]');

  afterEach(() => {
    form.page.unmount();
    jest.restoreAllMocks();
  });

  it('offers the sites, and is right when one is chosen', async() => {
    await open();
    expect(select().props('options')).toStrictEqual([{
      value: 'c-m-1', label: 'site-1', disabled: false
    }]);
    expect(valid()).toBe(false);

    select().vm.$emit('update:value', 'c-m-1');
    await flushPromises();

    expect(valid()).toBe(true);
    expect(told()).toStrictEqual([['clusterType', 'imported'], ['clusterId', 'c-m-1']]);
  });

  it('makes the kubeconfig of the site when it is saved', async() => {
    await open();
    select().vm.$emit('update:value', 'c-m-1');

    expect(await test()).toBe(true);
    expect(told().at(-1)).toStrictEqual(['kubeconfigContent', 'made']);
  });

  it('says why it cannot be saved', async() => {
    await open({}, () => {
      throw new client.ApiError(403, 'Forbidden', 'You may not reach site-1.');
    });
    await expect(test()).rejects.toThrow('croft.form.error.required');

    select().vm.$emit('update:value', 'c-m-1');
    await expect(test()).rejects.toThrow('You may not reach site-1.');
  });

  it('judges a kubeconfig as it is pasted, and says what it reaches', async() => {
    await open();
    await form.page.findAll('input[type="radio"]')[1].trigger('change');
    form.page.findComponent({ name: 'RadioGroup' }).vm.$emit('update:value', 'external');
    await flushPromises();
    await kubeconfig().setValue('contexts: [');
    expect(form.page.find('[data-testid="croft-refusal-kubeconfigContent"]').text()).toBe('croft.guest.kubeconfig.none');
    expect(kubeconfig().attributes('aria-describedby')).toBe('croft-refusal-kubeconfigContent');
    expect(valid()).toBe(false);

    await kubeconfig().setValue('contexts: [{name: north, context: {cluster: a, user: a}}]\nclusters: [{name: a, cluster: {server: "https://a"}}]\nusers: [{name: a, user: {token: x}}]');
    expect(form.page.find('[data-testid="croft-credential-reached"]').text()).toContain('north');
    expect(valid()).toBe(true);
    expect(await test()).toBe(true);
  });

  it('keeps the site of a credential that is there', async() => {
    await open({ mode: 'edit', value: { decodedData: { clusterType: 'imported', clusterId: 'c-m-1' } } });

    expect(select().props()).toMatchObject({ value: 'c-m-1', disabled: true });
    expect([valid(), told()]).toStrictEqual([true, []]);
  });
});
