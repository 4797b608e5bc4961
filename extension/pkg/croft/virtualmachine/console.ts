/** The life of a console's connection: it opens, breaks, and is opened again after a pause that grows. */

export type Phase = 'connecting' | 'open' | 'waiting' | 'closed';

/** KubeVirt's subresources speak raw bytes under this protocol. */
export const PROTOCOL = 'plain.kubevirt.io';

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 10_000];

/** How long to wait before the given attempt to open it again, counted from 0. */
export function pause(attempt: number): number {
  return PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)];
}

/** What a console needs of a terminal or a screen. */
export interface Line {
  /** Opens one connection; tells when it is open and when it is gone. Answers with the way to close it. */
  connect(opened: () => void, gone: () => void): () => void;
}

/** Keeps the line open until `close` is called, telling each phase. */
export function keepOpen(line: Line, tell: (phase: Phase, waitMs: number) => void): { close(): void; retryNow(): void } {
  let attempt = 0;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hangUp: (() => void) | undefined;

  const open = () => {
    timer = undefined;
    tell('connecting', 0);

    let over = false;

    hangUp = line.connect(() => {
      attempt = 0;
      tell('open', 0);
    }, () => {
      if (closed || over) {
        return;
      }
      over = true;

      const wait = pause(attempt++);

      tell('waiting', wait);
      timer = setTimeout(open, wait);
    });
  };

  open();

  return {
    close() {
      closed = true;
      clearTimeout(timer);
      hangUp?.();
      tell('closed', 0);
    },
    retryNow() {
      if (timer !== undefined) {
        clearTimeout(timer);
        open();
      }
    },
  };
}
