/** Operations are no rows of the index and nobody tells of them: what changes by itself is asked for again and again. */
import { onBeforeUnmount, watch } from 'vue';
import { request } from '../api/client';
import { useLive, type Live } from '../api/useLive';

const SOON_MS = 1_500;
const LATER_MS = 10_000;

export function usePolled<T>(url: string, moving: (answer: T) => boolean): Live<T> {
  const live = useLive<T>((signal) => request<T>(url, { signal }));
  let timer: ReturnType<typeof setTimeout> | undefined;

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => live.refresh(true), live.data.value && moving(live.data.value) ? SOON_MS : LATER_MS);
  }

  watch([live.data, live.error], later);
  onBeforeUnmount(() => clearTimeout(timer));
  live.refresh();

  return live;
}
