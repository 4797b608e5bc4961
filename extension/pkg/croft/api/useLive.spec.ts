import { defineComponent } from 'vue';
import { flushPromises, mount } from '@vue/test-utils';
import { ApiError } from './client';
import * as subscription from './subscribe';
import { useLive, type Live } from './useLive';

/** A source that answers when it is told to. */
class Source {
  asked: { signal: AbortSignal; answer(value: string): void; fail(e: unknown): void }[] = [];

  fetch = (signal: AbortSignal) => new Promise<string>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
    this.asked.push({
      signal, answer: resolve, fail: reject
    });
  });

  async answers(value: string) {
    this.asked.at(-1)?.answer(value);
    await flushPromises();
  }
}

describe('useLive', () => {
  let source: Source;
  let live: Live<string>;
  let changed: (told: boolean) => void;
  let stop: jest.Mock;
  let page: ReturnType<typeof mount>;

  beforeEach(() => {
    source = new Source();
    stop = jest.fn();
    jest.spyOn(subscription, 'subscribe').mockImplementation((_interest, tell) => {
      changed = tell;

      return stop;
    });
    page = mount(defineComponent({
      setup() {
        live = useLive(source.fetch, { path: '/v1/croft/subscribe', subjects: [{ resourceType: 'virtualmachine' }] });

        return () => null;
      }
    }));
  });

  afterEach(() => jest.restoreAllMocks());

  it('shows what the source answers', async() => {
    live.refresh();
    expect(live.loading.value).toBe(true);

    await source.answers('a');
    expect([live.data.value, live.loading.value, live.error.value]).toStrictEqual(['a', false, undefined]);
  });

  it('keeps what it showed when the source fails, and says why', async() => {
    live.refresh();
    await source.answers('a');
    live.refresh(true);
    source.asked[1].fail(new ApiError(503, '', 'no tunnel'));
    await flushPromises();

    expect([live.data.value, live.error.value?.message]).toStrictEqual(['a', 'no tunnel']);
  });

  it('counts only the last answer', async() => {
    live.refresh();
    live.refresh();
    expect(source.asked[0].signal.aborted).toBe(true);

    await source.answers('second');
    source.asked[0].answer('first');
    await flushPromises();
    expect(live.data.value).toBe('second');
  });

  it('asks again when it is told of a change, or when it is time to look', () => {
    changed(true);
    expect(source.asked).toHaveLength(1);
    expect(live.loading.value).toBe(false);
  });

  it('does not forget a change that it is told of while an answer is under way', async() => {
    live.refresh();
    changed(true);
    changed(true);
    expect(source.asked).toHaveLength(1);

    await source.answers('from before the change');
    expect(source.asked).toHaveLength(2);

    await source.answers('from after it');
    expect([source.asked.length, live.data.value]).toStrictEqual([2, 'from after it']);
  });

  it('does not press a slow source when it was only time to look', async() => {
    live.refresh();
    changed(false);
    await source.answers('a');

    expect(source.asked).toHaveLength(1);
  });

  it('ends with its page', async() => {
    live.refresh();
    changed(true);
    page.unmount();
    await flushPromises();

    expect([stop.mock.calls.length, source.asked[0].signal.aborted, source.asked.length]).toStrictEqual([1, true, 1]);
  });
});
