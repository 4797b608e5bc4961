import { follow, type Change, type Feed } from './feed';

interface Row { id: string; state: string }

class FakeSocket {
  static all: FakeSocket[] = [];
  sent: unknown[] = [];
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (event: { data: string }) => void;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(frame: string) {
    this.sent.push(JSON.parse(frame));
  }

  close() {
    this.onclose?.();
  }

  hear(name: string, id = '', rest: Record<string, unknown> = {}) {
    this.onmessage?.({
      data: JSON.stringify({
        name, ...(id ? { data: { id, state: 'Running' } } : {}), ...rest
      })
    });
  }
}

describe('a feed', () => {
  const changed = jest.fn<void, [Change<Row>[]]>();
  const again = jest.fn<void, [boolean]>();
  let feed: Feed;
  const last = () => FakeSocket.all[FakeSocket.all.length - 1];
  const begin = (cursor: string) => {
    feed.goOn(cursor);
    jest.advanceTimersByTime(0);
    last().onopen?.();
    last().hear('resource.start');
  };

  beforeEach(() => {
    jest.useFakeTimers();
    changed.mockReset();
    again.mockReset();
    FakeSocket.all = [];
    Object.assign(window, { WebSocket: FakeSocket });
    feed = follow<Row>('/v1/croft/subscribe', { resourceType: 'virtualmachine', filter: ['state=Running'] }, { changed, again });
  });

  afterEach(() => {
    feed.stop();
    jest.useRealTimers();
  });

  it('begins where the list ends, and not before there is one', () => {
    jest.advanceTimersByTime(1_000);
    expect(FakeSocket.all).toHaveLength(0);

    begin('7.a');
    expect(last().sent).toStrictEqual([{
      resourceType: 'virtualmachine', filter: ['state=Running'], cursor: '7.a'
    }]);
  });

  it('tells at once what came close together', () => {
    begin('7.a');
    last().hear('resource.cursor', '', { cursor: '7.a' });
    last().hear('resource.change', 'web', { revision: '8' });
    last().hear('resource.remove', 'db', { revision: '9', cursor: '9.a' });
    expect(changed).not.toHaveBeenCalled();

    jest.advanceTimersByTime(300);
    expect(changed.mock.calls).toStrictEqual([[[
      {
        name: 'change', id: 'web', revision: 8, row: { id: 'web', state: 'Running' }
      },
      {
        name: 'remove', id: 'db', revision: 9
      }
    ]]]);
  });

  it('goes on from the last that it heard when the connection was lost, and takes what it missed for new', () => {
    begin('7.a');
    last().hear('resource.cursor', '', { cursor: '12.a' });
    last().close();
    jest.advanceTimersByTime(1_500);
    expect(FakeSocket.all).toHaveLength(2);

    last().onopen?.();
    expect(last().sent).toMatchObject([{ cursor: '12.a' }]);
    last().hear('resource.start');
    last().hear('resource.change', 'web', { revision: '13', cursor: '13.a' });
    last().hear('resource.change', 'web', { revision: '14', cursor: '14.a' });
    jest.advanceTimersByTime(300);
    expect(changed.mock.calls[0][0].map(({ name }) => name)).toStrictEqual(['create', 'change']);
    expect(again).not.toHaveBeenCalled();
  });

  it('waits for a new list where the cursor is too old', () => {
    begin('7.a');
    last().hear('resource.error');
    expect(again.mock.calls).toStrictEqual([[true]]);
    jest.advanceTimersByTime(4_000);
    expect(FakeSocket.all).toHaveLength(1);

    feed.goOn('20.b');
    jest.advanceTimersByTime(2_000);
    last().onopen?.();
    expect(last().sent).toMatchObject([{ cursor: '20.b' }]);
  });

  it('says that something else than rows has changed', () => {
    begin('7.a');
    last().hear('resource.changes');

    expect(again.mock.calls).toStrictEqual([[true]]);
  });

  it('asks to look again now and then while nobody tells', () => {
    jest.advanceTimersByTime(5_100);
    expect(again.mock.calls).toStrictEqual([[false]]);

    begin('7.a');
    again.mockReset();
    jest.advanceTimersByTime(50_000);
    expect(again).not.toHaveBeenCalled();
    jest.advanceTimersByTime(11_000);
    expect(again.mock.calls).toStrictEqual([[false]]);
  });

  it('waits longer the more often the hub refuses, and tells nothing once it was stopped', () => {
    begin('7.a');
    for (const pause of [1_000, 2_000, 4_000]) {
      last().close();
      jest.advanceTimersByTime(pause - 10);
      const before = FakeSocket.all.length;

      jest.advanceTimersByTime(20);
      expect(FakeSocket.all.length - before).toBe(1);
    }

    const ended = last();

    ended.hear('resource.remove', 'web', { revision: '8' });
    feed.stop();
    ended.hear('resource.changes');
    jest.advanceTimersByTime(60_000);
    expect([changed.mock.calls.length, FakeSocket.all.length]).toStrictEqual([0, 4]);
  });
});
