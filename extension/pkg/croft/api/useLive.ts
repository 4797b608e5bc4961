/**
 * Keeps what a page shows as fresh as its source: fetched at once, again when the page asks for
 * something else, and again whenever the source says that it changed. Only the last answer counts.
 */
import {
  onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef
} from 'vue';
import { asApiError, type ApiError } from './client';
import { subscribe, type Interest } from './subscribe';

export interface Live<T> {
  data: ShallowRef<T | undefined>;
  error: ShallowRef<ApiError | undefined>;
  loading: Ref<boolean>;
  /** Fetches now; `quietly` where the reader did not ask. */
  refresh(quietly?: boolean): Promise<void>;
}

export function useLive<T>(fetch: (signal: AbortSignal) => Promise<T>, interest?: Interest): Live<T> {
  const data = shallowRef<T>();
  const error = shallowRef<ApiError>();
  const loading = ref(false);
  let current: AbortController | undefined;
  /** The source has told of a change while an answer was under way, which may not have it yet. */
  let missed = false;

  const refresh = async(quietly = false) => {
    const mine = new AbortController();

    current?.abort();
    current = mine;
    missed = false;
    loading.value = loading.value || !quietly;

    try {
      const answer = await fetch(mine.signal);

      if (current !== mine) {
        return;
      }
      data.value = answer;
      error.value = undefined;
    } catch (e) {
      if (current !== mine) {
        return;
      }
      error.value = asApiError(e);
    }

    current = undefined;
    loading.value = false;
    if (missed) {
      refresh(true);
    }
  };

  // An answer under way is not thrown away for a change: it may never arrive on a busy source.
  const stop = interest ? subscribe(interest, (told) => {
    if (current) {
      missed = missed || told;
    } else {
      refresh(true);
    }
  }) : undefined;

  onBeforeUnmount(() => {
    const last = current;

    stop?.();
    current = undefined;
    last?.abort();
  });

  return {
    data, error, loading, refresh
  };
}
