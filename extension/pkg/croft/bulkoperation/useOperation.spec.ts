import { defineComponent } from 'vue';
import { flushPromises, mount } from '@vue/test-utils';
import * as client from '../api/client';
import * as subscription from '../api/subscribe';
import { useOperations } from './useOperation';

describe('operations on a page', () => {
  let tell: (told: boolean) => void;
  let asked: jest.SpyInstance;
  let followed: jest.SpyInstance;

  const show = (url: string, name?: string) => mount(defineComponent({ setup: () => useOperations<{ name: string }>(url, name), template: '<p>{{ data?.name }}</p>' }));

  beforeEach(() => {
    asked = jest.spyOn(client, 'request').mockResolvedValueOnce({ name: 'first' }).mockResolvedValueOnce({ name: 'second' });
    followed = jest.spyOn(subscription, 'subscribe').mockImplementation((_interest, changed) => {
      tell = changed;

      return jest.fn();
    });
  });

  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['all that the caller may see', undefined, { resourceType: 'bulkoperation' }],
    ['one by the id of its row', 'stop-1', { resourceType: 'bulkoperation', id: '_hub/stop-1' }],
  ])('are followed: %s', async(_reason, name, subject) => {
    show('/v1/croft/bulkoperations', name);
    await flushPromises();
    expect(followed.mock.calls[0][0]).toStrictEqual({ path: '/v1/croft/subscribe', subjects: [subject] });
  });

  it('are read at once, and again when the hub tells of a step, and not otherwise', async() => {
    jest.useFakeTimers();
    const page = show('/v1/croft/bulkoperations');

    await flushPromises();
    expect(page.text()).toBe('first');
    jest.advanceTimersByTime(120_000);
    expect(asked).toHaveBeenCalledTimes(1);
    tell(true);
    await flushPromises();
    expect(page.text()).toBe('second');
    jest.useRealTimers();
  });
});
