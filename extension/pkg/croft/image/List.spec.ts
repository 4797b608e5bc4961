import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { mounted } from '../testing/mount';
import List from './List.vue';

const image = (displayName: string, state: { name: string; message?: string }, status: unknown) => ({
  metadata: {
    name: `image-${ displayName }`, namespace: 'default', state
  },
  spec: { displayName, url: 'http://x/y' },
  status
});

describe('the images of a site', () => {
  afterEach(() => jest.restoreAllMocks());

  it('are shown with how far they are, and followed by the site’s socket', async() => {
    let changed: (told: boolean) => void = () => {};

    global.ResizeObserver = jest.fn(() => ({
      observe: jest.fn(), unobserve: jest.fn(), disconnect: jest.fn()
    }));
    const subscribe = jest.spyOn(subscription, 'subscribe').mockImplementation(({ path }, tell) => {
      changed = path.startsWith('/k8s/') ? tell : changed;

      return () => {};
    });
    let data = [
      image('tiny', { name: 'downloading' }, { progress: 42 }),
      image('gone', { name: 'failed', message: '404 Not Found' }, {
        conditions: [{
          type: 'Imported', status: 'False', message: '404 Not Found'
        }]
      }),
    ];

    jest.spyOn(client, 'request').mockImplementation(async(url) => ({ data: url.startsWith('/v1/croft') ? [] : data }));
    const { page } = await mounted(List, {}, '/croft/c/_/images?site=c-m-1');
    const row = (name: string) => page.find(`[data-testid="croft-image-row-${ name }"]`).text();

    await flushPromises();
    expect(subscribe.mock.calls.map(([interest]) => interest)).toContainEqual({ path: '/k8s/clusters/c-m-1/v1/harvester/subscribe', subjects: [{ resourceType: 'harvesterhci.io.virtualmachineimage' }] });
    expect(row('tiny')).toContain('Downloading');
    expect(row('tiny')).toContain('42%');
    expect(row('gone')).toContain('404 Not Found');

    data = [image('tiny', { name: 'ready' }, { conditions: [{ type: 'Imported', status: 'True' }] })];
    changed(true);
    await flushPromises();
    expect(row('tiny')).toContain('Ready');
    expect(row('tiny')).toContain('100%');
    page.unmount();
  });
});
