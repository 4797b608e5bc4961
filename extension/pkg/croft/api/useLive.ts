/**
 * Keeps what a page shows as fresh as its source: fetched at once, again when the page asks for
 * something else, and again whenever the source says that it changed. Only the last answer counts.
 */
import {
  onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef
} from 'vue';
import { ApiError } from './client';
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

  const refresh = async(quietly = false) => {
    const mine = new AbortController();

    current?.abort();
    current = mine;
    loading.value = loading.value || !quietly;

    try {
      data.value = await fetch(mine.signal);
      error.value = undefined;
    } catch (e) {
      if (mine.signal.aborted) {
        return;
      }
      error.value = e instanceof ApiError ? e : new ApiError(0, 'Unexpected', e instanceof Error ? e.message : String(e));
    }

    if (current === mine) {
      current = undefined;
      loading.value = false;
    }
  };

  // An answer under way is not thrown away for a change: it may never arrive on a busy source.
  const stop = interest ? subscribe(interest, () => {
    if (!current) {
      refresh(true);
    }
  }) : undefined;

  onBeforeUnmount(() => {
    stop?.();
    current?.abort();
  });

  return {
    data, error, loading, refresh
  };
}
