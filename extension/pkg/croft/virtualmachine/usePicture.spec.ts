import { flushPromises, mount } from '@vue/test-utils';
import { ref } from 'vue';
import * as client from '../api/client';
import { usePicture, whyNone, type Picture } from './usePicture';

const TARGET = {
  site: 'c-m-1', namespace: 'default', name: 'web'
};

describe('the picture of a screen', () => {
  const picture = jest.spyOn(client, 'picture');
  const shown = ref(true);
  let seen: Picture;

  function open() {
    return mount({
      setup() {
        seen = usePicture(TARGET, shown);

        return () => null;
      }
    });
  }

  beforeEach(() => {
    jest.useFakeTimers();
    shown.value = true;
    picture.mockReset().mockResolvedValue(new Blob());
    Object.assign(URL, { createObjectURL: () => `blob:${ picture.mock.calls.length }`, revokeObjectURL: () => {} });
  });
  afterEach(() => jest.useRealTimers());

  it('is taken again and again, until the page is left', async() => {
    const page = open();

    await flushPromises();
    expect(picture.mock.calls[0][0]).toBe('/k8s/clusters/c-m-1/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc/screenshot');
    expect(seen.source.value).toBe('blob:1');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(seen.source.value).toBe('blob:2');
    page.unmount();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(picture).toHaveBeenCalledTimes(2);
  });

  it('goes with the screen, and comes with it', async() => {
    const page = open();

    await flushPromises();
    shown.value = false;
    await flushPromises();
    expect(seen.source.value).toBe('');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(picture).toHaveBeenCalledTimes(1);
    shown.value = true;
    await flushPromises();
    expect(seen.source.value).toBe('blob:2');
    page.unmount();
  });

  it.each([
    ['once of who may not see it', 403, { key: 'croft.machine.mayNotSee' }, 1],
    ['again where the site has none just now', 500, { key: 'croft.machine.noPicture', args: { message: { text: 'no screen' } } }, 2],
  ])('says why there is none, and is asked for %s', async(_reason, status, sentence, asked) => {
    picture.mockRejectedValue(client.errorOf(status, { message: 'no screen' }));
    const page = open();

    await flushPromises();
    expect(seen.trouble.value).toStrictEqual(sentence);
    expect(seen.trouble.value).toStrictEqual(whyNone(client.errorOf(status, { message: 'no screen' })));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(picture).toHaveBeenCalledTimes(asked);
    page.unmount();
  });
});
