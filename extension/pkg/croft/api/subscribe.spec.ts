import { subscribe } from './subscribe';

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  sent: string[] = [];
  closed = false;
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (event: { data: string }) => void;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(frame: string) {
    this.sent.push(frame);
  }

  close() {
    this.closed = true;
    this.onclose?.();
  }

  hear(name: string) {
    this.onmessage?.({ data: JSON.stringify({ name }) });
  }
}

describe('subscribe', () => {
  const changed = jest.fn();
  let stop: () => void;

  beforeEach(() => {
    jest.useFakeTimers();
    changed.mockReset();
    FakeSocket.all = [];
    Object.assign(window, { WebSocket: FakeSocket });
    stop = subscribe({ path: '/v1/croft/subscribe', subjects: [{ resourceType: 'virtualmachine' }] }, changed);
  });

  afterEach(() => {
    stop();
    jest.useRealTimers();
  });

  it('asks for the changes of its type', () => {
    FakeSocket.all[0].onopen?.();

    expect(JSON.parse(FakeSocket.all[0].sent[0])).toMatchObject({ resourceType: 'virtualmachine', mode: 'resource.changes' });
  });

  it('tells that there may have been changes before the source began to follow', () => {
    FakeSocket.all[0].hear('resource.start');
    jest.advanceTimersByTime(600);

    expect(changed.mock.calls).toStrictEqual([[true]]);
  });

  it('follows several subjects by one socket, and is live when it follows all', () => {
    stop();
    FakeSocket.all = [];
    stop = subscribe({
      path:     '/k8s/clusters/c-m-1/v1/harvester/subscribe',
      subjects: [{
        resourceType: 'kubevirt.io.virtualmachine', namespace: 'default', id: 'web'
      }, {
        resourceType: 'kubevirt.io.virtualmachineinstance', namespace: 'default', id: 'web'
      }]
    }, changed);

    const [ws] = FakeSocket.all;

    ws.onopen?.();
    expect(ws.sent.map((frame) => JSON.parse(frame))).toMatchObject([
      {
        resourceType: 'kubevirt.io.virtualmachine', namespace: 'default', id: 'web'
      },
      {
        resourceType: 'kubevirt.io.virtualmachineinstance', namespace: 'default', id: 'web'
      },
    ]);

    ws.hear('resource.start');
    jest.advanceTimersByTime(600);
    expect(changed).not.toHaveBeenCalled();

    ws.hear('resource.start');
    jest.advanceTimersByTime(600);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it.each(['resource.error', 'resource.stop'])('opens another socket after %s, since the old one tells nothing more', (name) => {
    FakeSocket.all[0].hear('resource.start');
    FakeSocket.all[0].hear(name);
    expect(FakeSocket.all[0].closed).toBe(true);

    jest.advanceTimersByTime(1_100);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('tells changes that come together once', () => {
    const [ws] = FakeSocket.all;

    ws.hear('resource.start');
    ['resource.changes', 'resource.change', 'resource.remove', 'ping'].forEach((name) => ws.hear(name));
    jest.advanceTimersByTime(600);

    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('asks at intervals while there is no socket, and seldom while there is one', () => {
    jest.advanceTimersByTime(5_100);
    expect(changed).toHaveBeenCalledTimes(1);

    FakeSocket.all[0].hear('resource.start');
    jest.advanceTimersByTime(600);
    changed.mockReset();
    jest.advanceTimersByTime(55_000);
    expect(changed).not.toHaveBeenCalled();

    jest.advanceTimersByTime(5_000);
    expect(changed.mock.calls).toStrictEqual([[false]]);
  });

  it('opens a lost socket again, later each time', () => {
    FakeSocket.all[0].onclose?.();
    jest.advanceTimersByTime(1_100);
    expect(FakeSocket.all).toHaveLength(2);

    FakeSocket.all[1].onclose?.();
    jest.advanceTimersByTime(1_100);
    expect(FakeSocket.all).toHaveLength(2);
    jest.advanceTimersByTime(1_000);
    expect(FakeSocket.all).toHaveLength(3);
  });

  it('opens one that was good soon again, and one that never lasts later each time', () => {
    const dies = (after: number) => {
      FakeSocket.all.at(-1)?.hear('resource.start');
      jest.advanceTimersByTime(after);
      FakeSocket.all.at(-1)?.hear('resource.stop');
    };

    dies(0);
    jest.advanceTimersByTime(1_100);
    dies(0);
    jest.advanceTimersByTime(1_100);
    expect(FakeSocket.all).toHaveLength(2);

    jest.advanceTimersByTime(1_000);
    dies(60_000);
    jest.advanceTimersByTime(1_100);
    expect(FakeSocket.all).toHaveLength(4);
  });

  it('ends when its page does', () => {
    stop();
    jest.advanceTimersByTime(120_000);

    expect(FakeSocket.all[0].closed).toBe(true);
    expect(FakeSocket.all).toHaveLength(1);
    expect(changed).not.toHaveBeenCalled();
  });
});
