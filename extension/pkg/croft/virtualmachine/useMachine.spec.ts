import { defineComponent, ref } from 'vue';
import { flushPromises, mount } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { useMachine, type LiveMachine } from './useMachine';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MACHINE = { metadata: { name: 'web' }, spec: {} };

describe('useMachine', () => {
  let live: LiveMachine;
  let page: ReturnType<typeof mount>;
  let interests: subscription.Interest[];

  /** Opens the page of a machine; `answer` is what its site says of the machine and of what belongs to it. */
  async function open(answer: (url: string) => unknown, connected = 'True') {
    interests = [];
    jest.spyOn(subscription, 'subscribe').mockImplementation((interest) => {
      interests.push(interest);

      return () => {};
    });
    jest.spyOn(client, 'request').mockImplementation(async(url) => url === '/v1/croft/sites/c-m-1' ? {
      id: 'c-m-1', name: 'site-1', conditions: [{ type: 'Connected', status: connected }], lastHeard: '2026-03-01T11:55:00Z'
    } : answer(url));
    page = mount(defineComponent({
      setup() {
        live = useMachine({
          site: 'c-m-1', namespace: 'default', name: 'web'
        }, ref(NOW));

        return () => null;
      }
    }));
    await flushPromises();
  }

  const running = (url: string) => url.includes('/events') ? { items: [] } : MACHINE;

  afterEach(() => {
    page.unmount();
    jest.restoreAllMocks();
  });

  it('follows the machine and its instance by the name that sites compare with, and its site alone', async() => {
    await open(running);

    expect(interests).toStrictEqual([
      {
        path:     '/k8s/clusters/c-m-1/v1/harvester/subscribe',
        subjects: [
          {
            resourceType: 'kubevirt.io.virtualmachine', namespace: 'default', id: 'web'
          },
          {
            resourceType: 'kubevirt.io.virtualmachineinstance', namespace: 'default', id: 'web'
          },
        ]
      },
      { path: '/v1/croft/subscribe', subjects: [{ resourceType: 'site', id: 'c-m-1' }] },
    ]);
    expect(live.home.value?.name).toBe('site-1');
  });

  it.each([404, 403])('shows a machine without what belongs to it, where that answers %p', async(status) => {
    await open((url) => {
      if (url.endsWith('kubevirt.io.virtualmachine/default/web')) {
        return MACHINE;
      }
      throw new client.ApiError(status, '', 'no');
    });

    expect(live.data.value).toStrictEqual({
      machine: MACHINE, instance: undefined, events: []
    });
    expect(live.away.value).toBeUndefined();
  });

  it.each([
    ['the hub knows that the site is away', 'False', running, { key: 'croft.site.away', args: { site: 'site-1', age: '5m' } }],
    ['the site itself does not answer', 'True', () => {
      throw new client.ApiError(503, '', 'no tunnel');
    }, { key: 'croft.site.noAnswer', args: { message: { text: 'no tunnel' } } }],
    ['the site refuses, and so is there', 'True', () => {
      throw new client.ApiError(403, '', 'no');
    }, undefined],
  ])('says that it is away: %s', async(_reason, connected, answer, want) => {
    await open(answer, connected);

    expect(live.away.value).toStrictEqual(want);
  });

  it('forgets a machine that is gone', async() => {
    await open(running);
    expect(live.data.value?.machine).toStrictEqual(MACHINE);

    jest.spyOn(client, 'request').mockRejectedValue(new client.ApiError(404, '', 'not found'));
    await live.refresh();
    await flushPromises();
    expect([live.data.value, live.error.value?.status]).toStrictEqual([undefined, 404]);
  });
});
