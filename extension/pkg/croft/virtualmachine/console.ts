/**
 * The life of a console's connection. It opens, breaks, and is opened again after a pause that grows.
 * KubeVirt gives a console to one person at a time and ends the connection of whoever had it before:
 * two pages that both open it again at once would take it from each other for ever, so one of them
 * waits to be asked.
 */

export type Phase =
  /** Being opened. */
  | 'connecting'
  | 'open'
  /** Not there now; tried again by itself after a pause. */
  | 'waiting'
  /** Ended from the other side, perhaps because somebody else opened it. */
  | 'taken'
  /** The caller has no right to it. */
  | 'forbidden'
  | 'closed';

/** KubeVirt's subresources speak raw bytes under this protocol. */
export const PROTOCOL = 'plain.kubevirt.io';

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 10_000];
/** A connection that ends so soon after it was opened again was taken back. */
const SHORT_MS = 10_000;

/** How long to wait before the given attempt to open it again, counted from 0. */
export function pause(attempt: number): number {
  return PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)];
}

/** What a console needs of a terminal or a screen. */
export interface Line {
  /**
   * Opens one connection; tells when it is open and when it is gone, and then whether the other side
   * said goodbye. `asked` is false where it is tried again by itself. Answers with the way to close it.
   */
  connect(asked: boolean, opened: () => void, gone: (goodbye: boolean) => void): () => void;
  /** Whether the caller may open it. Asked when a connection was refused, since browsers do not tell why. */
  allowed(): Promise<boolean>;
  /** An attempt that nobody asked for ends nobody's connection: it is refused while there is one. */
  polite?: boolean;
}

/** Keeps the line open until `close` is called, telling each phase. */
export function keepOpen(line: Line, tell: (phase: Phase, waitMs: number) => void): { close(): void; retryNow(): void } {
  let phase: Phase;
  let attempt = 0;
  /** It was open once. */
  let had = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hangUp: (() => void) | undefined;

  const turn = (now: Phase, waitMs = 0) => {
    phase = now;
    tell(now, waitMs);
  };

  const wait = (now: Phase) => {
    const ms = pause(attempt++);

    turn(now, ms);
    timer = setTimeout(open, ms, false);
  };

  /** After a connection that was open. */
  const ended = (goodbye: boolean, soon: boolean) => {
    if (!goodbye && !soon) {
      wait('waiting');
    } else if (line.polite) {
      wait('taken');
    } else {
      turn('taken');
    }
  };

  /** After one that was not. */
  const refused = async(asked: boolean) => {
    const allowed = await line.allowed().catch(() => true);

    if (phase === 'closed') {
      return;
    }
    if (!allowed) {
      turn('forbidden');
    } else {
      wait(line.polite && had && !asked ? 'taken' : 'waiting');
    }
  };

  const open = (asked: boolean) => {
    let since = 0;
    let over = false;

    timer = undefined;
    turn('connecting');
    hangUp = line.connect(asked, () => {
      had = true;
      attempt = 0;
      since = Date.now();
      turn('open');
    }, (goodbye) => {
      if (phase === 'closed' || over) {
        return;
      }
      over = true;
      if (since) {
        ended(goodbye, !asked && Date.now() - since < SHORT_MS);
      } else {
        refused(asked);
      }
    });
  };

  open(true);

  return {
    close() {
      clearTimeout(timer);
      turn('closed');
      hangUp?.();
    },
    retryNow() {
      if (phase === 'waiting' || phase === 'taken' || phase === 'forbidden') {
        clearTimeout(timer);
        open(true);
      }
    },
  };
}
