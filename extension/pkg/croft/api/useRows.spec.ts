import { defineComponent } from 'vue';
import { flushPromises, mount } from '@vue/test-utils';
import * as client from './client';
import * as feeds from './feed';
import type { Collection, Resource } from './steve';
import type { Live } from './useLive';
import { useRows } from './useRows';

interface Row extends Resource { state: string }
type List = Collection<Row> & { cursor?: string };

const row = (id: string, state = 'Running'): Row => ({
  id, state, metadata: { name: id }
});

describe('the hub’s rows on a page', () => {
  let rows: Live<List>;
  let page: ReturnType<typeof mount>;
  let hearing: feeds.Hearing<Row>;
  let answers: ((list: List | client.ApiError) => void)[];
  let site: string;
  const goOn = jest.fn();
  const stop = jest.fn();
  const states = () => rows.data.value?.data.map(({ id, state }) => `${ id } ${ state }`);
  const list = async(revision: string, ...data: Row[]) => {
    answers[answers.length - 1]({
      data, revision, cursor: `${ revision }.a`
    });
    await flushPromises();
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    answers = [];
    site = 'c-m-1';
    goOn.mockReset();
    stop.mockReset();
    jest.spyOn(client, 'request').mockImplementation(() => new Promise((resolve, reject) => {
      answers.push((answer) => answer instanceof client.ApiError ? reject(answer) : resolve(answer as never));
    }));
    jest.spyOn(feeds, 'follow').mockImplementation((_path, _question, tell) => {
      hearing = tell as feeds.Hearing<Row>;

      return { goOn, stop };
    });
    page = mount(defineComponent({
      setup() {
        rows = useRows<Row, List>(() => ({
          url: `/v1/croft/x?site=${ site }`, question: { resourceType: 'x', site }, moves: []
        }));

        return () => null;
      }
    }));
    rows.refresh();
  });

  afterEach(() => {
    page.unmount();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('are followed from their list on, and change without another', async() => {
    await list('7', row('a'));
    expect(goOn.mock.calls).toStrictEqual([['7.a']]);

    hearing.changed([{
      name: 'change', id: 'a', revision: 8, row: row('a', 'Paused')
    }]);
    expect([states(), answers.length]).toStrictEqual([['a Paused'], 1]);
  });

  it('lose nothing that is told while a list is under way', async() => {
    hearing.changed([{
      name: 'change', id: 'a', revision: 6, row: row('a', 'Starting')
    }, {
      name: 'change', id: 'a', revision: 9, row: row('a', 'Paused')
    }]);
    await list('7', row('a'));

    expect(states()).toStrictEqual(['a Paused']);
  });

  it('lose nothing when that list fails', async() => {
    await list('7', row('a'));
    rows.refresh(true);
    hearing.changed([{
      name: 'change', id: 'a', revision: 9, row: row('a', 'Paused')
    }]);
    answers[1](new client.ApiError(503, '', 'no'));
    await flushPromises();

    expect([states(), rows.error.value?.status]).toStrictEqual([['a Paused'], 503]);
  });

  it('are listed again when they come and go, but not all the time', async() => {
    await list('7', row('a'));
    for (let revision = 8; revision < 50; revision++) {
      hearing.changed([{
        name: 'create', id: `x-${ revision }`, revision, row: row(`x-${ revision }`)
      }]);
    }
    expect(answers).toHaveLength(1);
    jest.advanceTimersByTime(1_000);
    expect(answers).toHaveLength(2);
    hearing.again(true);
    await list('50', row('a'), row('b'));
    expect(states()).toStrictEqual(['a Running', 'b Running']);
    jest.advanceTimersByTime(1_000);
    expect(answers).toHaveLength(3); // what was told while it was under way
  });

  it('are followed by what the page asks for now', async() => {
    await list('7', row('a'));
    site = 'c-m-2';
    rows.refresh();
    await list('8', row('b'));

    expect([stop.mock.calls.length, states()]).toStrictEqual([1, ['b Running']]);
  });
});
