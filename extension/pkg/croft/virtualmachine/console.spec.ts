import { keepOpen, pause, type Phase } from './console';

describe('keepOpen', () => {
  const phases: [Phase, number][] = [];
  const allowed = jest.fn<Promise<boolean>, []>();
  let opened: () => void;
  let gone: (goodbye: boolean) => void;
  let asked: boolean[];
  let hungUp: number;
  let line: ReturnType<typeof keepOpen>;

  function begin(polite = false) {
    phases.length = hungUp = 0;
    asked = [];
    line = keepOpen({
      connect(a, o, g) {
        asked.push(a);
        [opened, gone] = [o, g];

        return () => hungUp++;
      },
      allowed,
      polite,
    }, (phase, wait) => phases.push([phase, wait]));
  }

  /** The connection that was never open is gone, and the line has asked why. */
  async function refused() {
    gone(false);
    await jest.advanceTimersByTimeAsync(0);
  }

  const lasts = (ms: number) => {
    opened();
    jest.advanceTimersByTime(ms);
  };
  const now = () => phases.at(-1)?.[0];

  beforeEach(() => {
    jest.useFakeTimers();
    allowed.mockReset().mockResolvedValue(true);
    begin();
  });

  afterEach(() => jest.useRealTimers());

  it('tells of its life', () => {
    lasts(60_000);
    gone(false);
    jest.advanceTimersByTime(pause(0));
    opened();

    expect(phases).toStrictEqual([['connecting', 0], ['open', 0], ['waiting', 1_000], ['connecting', 0], ['open', 0]]);
  });

  it('waits longer each time it fails, and begins anew when it has been open', async() => {
    await refused();
    jest.advanceTimersByTime(pause(0));
    await refused();
    expect(phases.at(-1)).toStrictEqual(['waiting', 2_000]);

    jest.advanceTimersByTime(pause(1));
    lasts(60_000);
    gone(false);
    expect(phases.at(-1)).toStrictEqual(['waiting', 1_000]);
    expect(pause(99)).toBe(10_000);
  });

  it('tries at once when asked, and does not then try twice', async() => {
    await refused();
    line.retryNow();
    jest.advanceTimersByTime(60_000);

    expect(asked).toStrictEqual([true, true]);
  });

  it('stays closed', async() => {
    line.close();
    await refused();
    jest.advanceTimersByTime(60_000);

    expect([asked, hungUp, phases.at(-1)]).toStrictEqual([[true], 1, ['closed', 0]]);
  });

  describe('with two people', () => {
    it('gives way to whoever took it, where the other side says goodbye', () => {
      lasts(60_000);
      gone(true);
      jest.advanceTimersByTime(60_000);

      expect([now(), asked]).toStrictEqual(['taken', [true]]);
    });

    it('gives way where it cannot tell, when it is taken back at once', () => {
      lasts(60_000);
      gone(false);
      jest.advanceTimersByTime(pause(0));
      lasts(1_500);
      gone(false);
      jest.advanceTimersByTime(60_000);

      expect([now(), asked]).toStrictEqual(['taken', [true, false]]);
    });

    it('does not give way at once when somebody has just asked for it', () => {
      lasts(1_500);
      gone(false);

      expect(now()).toBe('waiting');
    });

    it('takes it back when asked', () => {
      lasts(60_000);
      gone(true);
      line.retryNow();
      opened();

      expect([now(), asked]).toStrictEqual(['open', [true, true]]);
    });

    it('waits politely, where it can, until the other is done', async() => {
      begin(true);
      lasts(60_000);
      gone(false);
      jest.advanceTimersByTime(pause(0));
      await refused();
      expect(phases.at(-1)).toStrictEqual(['taken', 2_000]);

      jest.advanceTimersByTime(pause(1));
      opened();
      expect([now(), asked]).toStrictEqual(['open', [true, false, false]]);
    });
  });

  describe('without the right', () => {
    it('says so and does not try again', async() => {
      allowed.mockResolvedValue(false);
      await refused();
      jest.advanceTimersByTime(60_000);

      expect([now(), asked]).toStrictEqual(['forbidden', [true]]);
    });

    it('is tried again where nobody can tell', async() => {
      allowed.mockRejectedValue(new Error('no tunnel'));
      await refused();

      expect(now()).toBe('waiting');
    });
  });
});
