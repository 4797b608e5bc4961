/** The time for ages on a page: one tick for all of them. */
import { onBeforeUnmount, ref, type Ref } from 'vue';

export function useClock(everyMs = 1_000): Ref<number> {
  const now = ref(Date.now());
  const timer = setInterval(() => {
    now.value = Date.now();
  }, everyMs);

  onBeforeUnmount(() => clearInterval(timer));

  return now;
}
