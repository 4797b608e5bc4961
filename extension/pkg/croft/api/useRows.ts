/**
 * Keeps one page of the hub's rows as it is now: listed once, then changed by what the hub tells, and listed again only
 * where a row came, went or moved. What the hub tells while a list is under way is not lost.
 */
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import { patched } from '../table/patch';
import { asApiError, request, type ApiError } from './client';
import { follow, type Change, type Feed, type Question } from './feed';
import type { Collection, Resource } from './steve';
import { fleet } from './urls';
import type { Live } from './useLive';

/** However often rows come and go, the page is listed no more often than this. */
const GAP_MS = 1_000;

export interface Asked {
  /** Where the page of rows is. */
  url: string;
  question: Question;
  /** Columns of the order that may change while a row lives. */
  moves: readonly string[];
}

export function useRows<Row extends Resource, List extends Collection<Row> & { cursor?: string }>(ask: () => Asked): Live<List> {
  const data = shallowRef<List>();
  const error = shallowRef<ApiError>();
  const loading = ref(false);
  let current: AbortController | undefined;
  let feed: Feed | undefined;
  let followed = '';
  let asked: Asked;
  /** What was told while a list is under way, which may not have it yet. */
  let meanwhile: Change<Row>[] = [];
  let missed = false;
  let listed = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;

  function again() {
    soon ??= setTimeout(() => {
      soon = undefined;
      refresh(true);
    }, Math.max(0, listed + GAP_MS - Date.now()));
  }

  function apply(changes: Change<Row>[]) {
    if (data.value && changes.length) {
      const now = patched<Row, List>(data.value, changes, asked.moves);

      data.value = now.list;
      if (now.again) {
        again();
      }
    }
  }

  /** Follows what the page asks for now, and nothing else. */
  function followAsked() {
    const question = JSON.stringify(asked.question);

    if (question === followed) {
      return;
    }
    feed?.stop();
    followed = question;
    meanwhile = [];
    feed = follow<Row>(fleet.subscribe(), asked.question, {
      changed: (changes) => current ? meanwhile.push(...changes) : apply(changes),
      again:   (told) => {
        if (current) {
          missed = missed || told;
        } else {
          again();
        }
      },
    });
  }

  function show(answer: List) {
    data.value = answer;
    error.value = undefined;
    feed?.goOn(answer.cursor ?? '');
    apply(meanwhile);
  }

  async function refresh(quietly = false): Promise<void> {
    const mine = new AbortController();

    current?.abort();
    current = mine;
    clearTimeout(soon);
    soon = undefined;
    missed = false;
    loading.value = loading.value || !quietly;
    asked = ask();
    followAsked();

    try {
      const answer = await request<List>(asked.url, { signal: mine.signal });

      if (current !== mine) {
        return;
      }
      current = undefined;
      listed = Date.now();
      show(answer);
    } catch (e) {
      if (current !== mine) {
        return;
      }
      current = undefined;
      error.value = asApiError(e);
      apply(meanwhile);
    }

    meanwhile = [];
    loading.value = false;
    if (missed) {
      again();
    }
  }

  onBeforeUnmount(() => {
    const last = current;

    current = undefined;
    clearTimeout(soon);
    feed?.stop();
    last?.abort();
  });

  return {
    data, error, loading, refresh
  };
}
