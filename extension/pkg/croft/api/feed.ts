/**
 * Follows the rows of one query over the hub's web socket, from a list's cursor on. What has changed since is told, also
 * after the connection was lost; or that it cannot be told, and the page has to list again.
 */
import { socket } from './urls';

/** Changes that come close together are told at once. */
const SETTLE_MS = 250;
/** How often to look again without a socket, and how often to look past one that is silent. */
const POLL_MS = 5_000;
const IDLE_POLL_MS = 60_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A socket that was followed for so long was a good one: the next is opened soon. */
const STEADY_MS = 10_000;

/** What a list asks for, less its order and its page: of the rows in it is told. */
export interface Question {
  resourceType: string;
  filter?: string[];
  search?: string;
  site?: string;
}

export interface Change<Row> {
  /** A row that was missed may be new or not: it is told as created. */
  name: 'create' | 'change' | 'remove';
  id: string;
  /** Grows with every change of the hub, and stands in its lists too. */
  revision: number;
  /** The row as it is now; absent where it is gone. */
  row?: Row;
}

export interface Hearing<Row> {
  changed(changes: Change<Row>[]): void;
  /** List again: with true where something changed that no row tells, with false where it is only time to look. */
  again(told: boolean): void;
}

export interface Feed {
  /** Goes on from the cursor of a list that the page has. */
  goOn(cursor: string): void;
  stop(): void;
}

interface Message<Row> {
  name?: string;
  cursor?: string;
  revision?: string;
  data?: Row & { id?: string };
}

function read<Row>(data: unknown): Message<Row> {
  try {
    return JSON.parse(String(data)) as Message<Row>;
  } catch {
    return {};
  }
}

/** What a message says of a row; `late` where it may be of before the connection. */
function changeOf<Row>({ name = '', revision, data }: Message<Row>, late: boolean): Change<Row> | undefined {
  const what = /^resource\.(create|change|remove)$/.exec(name)?.[1] as Change<Row>['name'] | undefined;

  if (!what || !data?.id) {
    return undefined;
  }

  return {
    name: late && what === 'change' ? 'create' : what, id: data.id, revision: Number(revision), ...(what === 'remove' ? {} : { row: data })
  };
}

export function follow<Row>(path: string, question: Question, hearing: Hearing<Row>): Feed {
  let ws: WebSocket | undefined;
  /** Where to go on from; absent until the page has a list. */
  let cursor: string | undefined;
  let liveSince = 0;
  let wait = 0;
  /** Nothing but what was missed has been told on this connection. */
  let late = true;
  let waiting: Change<Row>[] = [];
  let settle: ReturnType<typeof setTimeout> | undefined;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setTimeout> | undefined;

  const look = () => {
    clearTimeout(poll);
    poll = setTimeout(() => {
      if (document.visibilityState !== 'hidden') {
        hearing.again(false);
      }
      look();
    }, liveSince ? IDLE_POLL_MS : POLL_MS);
  };

  const settled = () => {
    const all = waiting;

    settle = undefined;
    waiting = [];
    hearing.changed(all);
  };

  const heard = (message: Message<Row>) => {
    const change = changeOf(message, late);

    if (message.cursor) {
      cursor = message.cursor;
      late = false;
    }
    if (change) {
      waiting.push(change);
      settle ??= setTimeout(settled, SETTLE_MS);
    } else if (message.name === 'resource.start') {
      liveSince = Date.now();
      look();
    } else if (message.name === 'resource.changes') {
      hearing.again(true);
    } else if (message.name === 'resource.error' || message.name === 'resource.stop') {
      // The cursor is too old, or of another view: only a new list has one that is good.
      cursor = undefined;
      ws?.close();
      hearing.again(true);
    }
  };

  const open = () => {
    const mine = new WebSocket(socket(path));

    reopen = undefined;
    ws = mine;
    late = true;
    mine.onopen = () => mine.send(JSON.stringify({ ...question, cursor }));
    mine.onmessage = (event) => ws === mine && heard(read(event.data));
    mine.onclose = () => {
      if (ws !== mine) {
        return;
      }
      wait = liveSince && Date.now() - liveSince > STEADY_MS ? RETRY_MIN_MS : Math.min(Math.max(2 * wait, RETRY_MIN_MS), RETRY_MAX_MS);
      liveSince = 0;
      ws = undefined;
      look();
      openSoon();
    };
  };

  function openSoon() {
    if (cursor !== undefined && !ws) {
      reopen ??= setTimeout(open, wait);
    }
  }

  look();

  return {
    goOn(from) {
      cursor = from;
      openSoon();
    },
    stop() {
      const mine = ws;

      ws = undefined;
      cursor = undefined;
      [settle, reopen, poll].forEach((timer) => clearTimeout(timer));
      mine?.close();
    },
  };
}
