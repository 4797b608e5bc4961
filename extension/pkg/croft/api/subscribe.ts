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

export interface Interest {
  /** Where the socket is, as a path of this host. */
  path: string;
  /** Steve's type id, such as `virtualmachine`. */
  resourceType: string;
  namespace?: string;
  id?: string;
}

/** Calls `changed` until the returned function is called. */
export function subscribe(interest: Interest, changed: () => void): () => void {
  let ws: WebSocket | undefined;
  let live = false;
  let stopped = false;
  let retry = RETRY_MIN_MS;
  let settle: ReturnType<typeof setTimeout> | undefined;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    settle ??= setTimeout(() => {
      settle = undefined;
      changed();
    }, SETTLE_MS);
  };

  const askAgain = () => {
    clearTimeout(poll);
    poll = setTimeout(() => {
      if (document.visibilityState !== 'hidden') {
        changed();
      }
      askAgain();
    }, live ? IDLE_POLL_MS : POLL_MS);
  };

  const heard = (name: string) => {
    if (name === 'resource.start') {
      live = true;
      retry = RETRY_MIN_MS;
      askAgain();
    } else if (name === 'resource.error' || name === 'resource.stop') {
      live = false;
      askAgain();
    } else if (/^resource\.(changes|create|change|remove)$/.test(name)) {
      tell();
    }
  };

  const open = () => {
    const { path, ...message } = interest;

    ws = new WebSocket(socket(path));
    ws.onopen = () => ws?.send(JSON.stringify({
      ...message, mode: 'resource.changes', debounceMs: SETTLE_MS
    }));
    ws.onmessage = (event) => heard(nameOf(event.data));
    ws.onclose = () => {
      if (stopped) {
        return;
      }
      live = false;
      askAgain();
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
