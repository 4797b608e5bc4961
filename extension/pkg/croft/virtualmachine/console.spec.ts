import { keepOpen, pause } from './console';

describe('keepOpen', () => {
  const phases: [string, number][] = [];
  let opened: () => void;
  let gone: () => void;
  let dialled: number;
  let hungUp: number;
  let line: ReturnType<typeof keepOpen>;

  beforeEach(() => {
    jest.useFakeTimers();
    phases.length = dialled = hungUp = 0;
    line = keepOpen({
      connect(o, g) {
        [opened, gone] = [o, g];
        dialled++;

        return () => hungUp++;
      },
    }, (phase, wait) => phases.push([phase, wait]));
  });

  afterEach(() => jest.useRealTimers());

  it('tells of its life', () => {
    opened();
    gone();
    jest.advanceTimersByTime(pause(0));
    opened();

    expect(phases).toStrictEqual([['connecting', 0], ['open', 0], ['waiting', 1_000], ['connecting', 0], ['open', 0]]);
  });

  it('waits longer each time it fails, and begins anew when it has been open', () => {
    gone();
    jest.advanceTimersByTime(pause(0));
    gone();
    expect(phases.at(-1)).toStrictEqual(['waiting', 2_000]);

    jest.advanceTimersByTime(pause(1));
    opened();
    gone();
    expect(phases.at(-1)).toStrictEqual(['waiting', 1_000]);
    expect(pause(99)).toBe(10_000);
  });

  it('tries at once when asked, and does not then try twice', () => {
    gone();
    line.retryNow();
    jest.advanceTimersByTime(60_000);

    expect(dialled).toBe(2);
  });

  it('stays closed', () => {
    line.close();
    gone();
    jest.advanceTimersByTime(60_000);

    expect([dialled, hungUp, phases.at(-1)]).toStrictEqual([1, 1, ['closed', 0]]);
  });
});
