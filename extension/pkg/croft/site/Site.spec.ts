import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { mounted, type Mounted } from '../testing/mount';
import Site from './Site.vue';

jest.mock('@shell/components/AppModal.vue', () => ({
  inheritAttrs: false,
  emits:        ['close'],
  render(this: { $slots: { default(): unknown } }) {
    return this.$slots.default();
  }
}));

const AT = '/croft/c/_/sites/c-m-1';
const ROW = {
  id:         'c-m-1',
  name:       'north',
  metadata:   { name: 'c-m-1' },
  conditions: [{ type: 'Connected', status: 'True' }, {
    type: 'Healthy', status: 'False', message: 'node-1 is not ready'
  }]
};
const CLUSTER = {
  metadata: { namespace: 'fleet-default', name: 'north' }, status: { clusterName: 'c-m-1' }, links: { remove: 'x' }
};
const OBJECT = {
  metadata: { name: 'c-m-1', labels: { region: 'eu' } }, spec: {}, links: { update: 'x' }
};
const REGISTRATION = { command: 'kubectl apply -f https://hub/x.yaml' };

/** What the hub answers, by the beginning of the URL; a number is a refusal. */
type Answers = Record<string, unknown>;

const ALL: Answers = {
  '/v1/croft/sites/': ROW, '/v1/provisioning.': { data: [CLUSTER] }, '/v3/clusterregistrationtokens/': REGISTRATION, '/v1/crofthci.io.sites/': OBJECT,
};

describe('the page of a site', () => {
  let site: Mounted;
  let written: [string, string][];
  const request = jest.spyOn(client, 'request');

  const at = (id: string) => site.page.find(`[data-testid="${ id }"]`);

  async function open(answers: Answers = {}) {
    written = [];
    jest.spyOn(subscription, 'subscribe').mockReturnValue(() => {});
    request.mockReset().mockImplementation(async(url, options) => {
      const [, answer] = Object.entries({ ...ALL, ...answers }).find(([start]) => url.startsWith(start)) ?? [];

      if (options?.method) {
        written.push([options.method, url]);
      }
      if (typeof answer === 'number') {
        throw client.errorOf(answer, { message: `no: ${ answer }` });
      }

      return options?.body ?? answer;
    });
    site = await mounted(Site, {}, AT);
    await flushPromises();
  }

  afterEach(() => site.page.unmount());
  afterAll(() => jest.restoreAllMocks());

  it('says how it is, and what is wrong', async() => {
    await open();

    expect(at('croft-site-health-Healthy').attributes('data-verdict')).toBe('Bad');
    expect(at('croft-site-health-Healthy').text()).toContain('node-1 is not ready');
    expect(at('croft-site-waiting').exists()).toBe(false);
  });

  it.each([
    ['not a site yet', 404], ['away', {
      ...ROW,
      conditions: [{
        type: 'Connected', status: 'False', message: 'no tunnel'
      }]
    }],
  ])('has the command that makes it join, where it is %s', async(_reason, row) => {
    await open({ '/v1/croft/sites/': row });

    expect(at('croft-site-waiting').text()).toBe('croft.site.waiting');
    expect(at('croft-site-command').text()).toBe(REGISTRATION.command);
    expect(at('croft-error').exists()).toBe(false);
  });

  it('says that there is none, where there is none', async() => {
    await open({ '/v1/croft/sites/': 404, '/v1/provisioning.': { data: [] } });

    expect(at('croft-error').text()).toBe('no: 404');
    expect(at('croft-site-joining').exists()).toBe(false);
  });

  it('is closed to who may not change it, and says so', async() => {
    await open({
      '/v1/crofthci.io.sites/': 403, '/v1/provisioning.': { data: [{ ...CLUSTER, links: {} }] }, '/v3/clusterregistrationtokens/': 403
    });

    expect(at('croft-site-closed').text()).toBe('no: 403');
    expect(at('croft-site-leave').attributes('disabled')).toBeDefined();
    expect(at('croft-site-leave').attributes('title')).toBe('croft.site.mayNotLeave');
    expect(at('croft-site-joining').text()).toBe('croft.site.noCommand');
  });

  it('is told where it is', async() => {
    await open();
    await at('croft-field-place').setValue('Berlin');
    await at('croft-site-form').trigger('submit');
    await flushPromises();

    expect(written).toStrictEqual([['PUT', '/v1/crofthci.io.sites/c-m-1']]);
    expect(at('croft-site-saved').exists()).toBe(true);
  });

  it('leaves, once it is asked whether it shall', async() => {
    await open();
    await at('croft-site-leave').trigger('click');
    expect(written).toStrictEqual([]);
    await at('croft-dialog').trigger('submit');
    await flushPromises();

    expect(written).toStrictEqual([['DELETE', '/v1/provisioning.cattle.io.clusters/fleet-default/north']]);
    expect(site.router.currentRoute.value.path).toBe('/croft/c/_/sites');
  });
});
