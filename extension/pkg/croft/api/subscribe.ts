/**
 * Tells a page that what it shows has changed: by Steve's web socket where there is one,
 * and by asking again at intervals where there is none. The page fetches for itself.
 */
import { socket } from './urls';

/** Changes that come close together are told once. */
const SETTLE_MS = 500;
/** How often to ask again without a socket, and how often to look past one that is silent. */
const POLL_MS = 5_000;
const IDLE_POLL_MS = 60_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A socket that was followed for so long was a good one: the next is opened soon. */
const STEADY_MS = 10_000;

/** What to follow. */
export interface Subject {
  /** Steve's type id, such as `virtualmachine`. */
  resourceType: string;
  namespace?: string;
  /** One object alone: a site compares it with the object's name, the hub with the row's id. */
  id?: string;
}

export interface Interest {
  /** Where the socket is, as a path of this host. */
  path: string;
  subjects: Subject[];
}

/**
 * Calls `changed` until the returned function is called: with true where the source told of a
 * change, with false where it is only time to look again.
 */
export function subscribe({ path, subjects }: Interest, changed: (told: boolean) => void): () => void {
  let ws: WebSocket | undefined;
  let started = 0;
  let liveSince = 0;
  let stopped = false;
  let retry = RETRY_MIN_MS;
  let settle: ReturnType<typeof setTimeout> | undefined;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    settle ??= setTimeout(() => {
      settle = undefined;
      changed(true);
    }, SETTLE_MS);
  };

  const askAgain = () => {
    clearTimeout(poll);
    poll = setTimeout(() => {
      if (document.visibilityState !== 'hidden') {
        changed(false);
      }
      askAgain();
    }, liveSince ? IDLE_POLL_MS : POLL_MS);
  };

  const followed = () => {
    liveSince = Date.now();
    askAgain();
    // What changed between the page's fetch and now was told to nobody.
    tell();
  };

  const lost = () => {
    if (liveSince && Date.now() - liveSince > STEADY_MS) {
      retry = RETRY_MIN_MS;
    }
    started = liveSince = 0;
    askAgain();
  };

  const heard = (name: string) => {
    if (name === 'resource.start') {
      started++;
      if (started === subjects.length) {
        followed();
      }
    } else if (name === 'resource.error' || name === 'resource.stop') {
      // The source follows this subject no more, and only a new socket makes it begin again.
      lost();
      ws?.close();
    } else if (/^resource\.(changes|create|change|remove)$/.test(name)) {
      tell();
    }
  };

  const open = () => {
    const mine = new WebSocket(socket(path));

    ws = mine;
    mine.onopen = () => subjects.forEach((subject) => mine.send(JSON.stringify({
      ...subject, mode: 'resource.changes', debounceMs: SETTLE_MS
    })));
    mine.onmessage = (event) => heard(nameOf(event.data));
    mine.onclose = () => {
      if (stopped) {
        return;
      }
      lost();
      reopen = setTimeout(open, retry);
      retry = Math.min(retry * 2, RETRY_MAX_MS);
    };
  };

  open();
  askAgain();

  return () => {
    stopped = true;
    [settle, reopen, poll].forEach((timer) => clearTimeout(timer));
    ws?.close();
  };
}

function nameOf(frame: unknown): string {
  try {
    return typeof frame === 'string' ? String(JSON.parse(frame).name) : '';
  } catch {
    return '';
  }
}
