import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { mounted } from '../testing/mount';
import Images from './Images.vue';

const image = (displayName: string, status: unknown) => ({
  metadata: { name: `image-${ displayName }`, namespace: 'default' }, spec: { displayName, url: 'http://x/y' }, status
});

describe('the images of a site', () => {
  afterEach(() => jest.restoreAllMocks());

  it('are shown with how far they are, and followed by the site’s socket', async() => {
    let changed: (told: boolean) => void = () => {};
    const subscribe = jest.spyOn(subscription, 'subscribe').mockImplementation((_interest, tell) => {
      changed = tell;

      return () => {};
    });
    const request = jest.spyOn(client, 'request').mockResolvedValue({
      data: [
        image('tiny', { progress: 42 }),
        image('gone', {
          conditions: [{
            type: 'Imported', status: 'False', message: '404 Not Found'
          }]
        }),
      ]
    });
    const { page } = await mounted(Images, { site: 'c-m-1' });
    const row = (name: string) => page.find(`[data-testid="croft-image-row-${ name }"]`).text();

    await flushPromises();
    expect(subscribe.mock.calls[0][0]).toStrictEqual({ path: '/k8s/clusters/c-m-1/v1/harvester/subscribe', subjects: [{ resourceType: 'harvesterhci.io.virtualmachineimage' }] });
    expect(row('tiny')).toContain('croft.image.states.Importing');
    expect(row('tiny')).toContain('42%');
    expect(row('gone')).toContain('404 Not Found');

    request.mockResolvedValue({ data: [image('tiny', { conditions: [{ type: 'Imported', status: 'True' }] })] });
    changed(true);
    await flushPromises();
    expect(row('tiny')).toContain('croft.image.states.Ready');
    page.unmount();
  });
});
