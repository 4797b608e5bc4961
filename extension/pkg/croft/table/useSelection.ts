/** Rows that were chosen on the pages of a list: some by their ids, or all that the list is of, on whatever page. */
import { computed, ref, type ComputedRef, type Ref } from 'vue';

export interface Selection {
  /** Those chosen one by one, on whatever page they were. */
  ids: Ref<string[]>;
  /** All that match are chosen. */
  everything: Ref<boolean>;
  any: ComputedRef<boolean>;
  has(id: string): boolean;
  toggle(id: string, chosen: boolean): void;
  toggleAll(ids: string[], chosen: boolean): void;
  all(): void;
  clear(): void;
}

export function useSelection(): Selection {
  const ids = ref<string[]>([]);
  const everything = ref(false);

  const toggleAll = (some: string[], chosen: boolean) => {
    const rest = ids.value.filter((id) => !some.includes(id));

    everything.value = false;
    ids.value = chosen ? [...rest, ...some] : rest;
  };

  return {
    ids,
    everything,
    any:    computed(() => everything.value || ids.value.length > 0),
    has:    (id) => everything.value || ids.value.includes(id),
    toggle: (id, chosen) => toggleAll([id], chosen),
    toggleAll,
    all:    () => {
      ids.value = [];
      everything.value = true;
    },
    clear: () => {
      ids.value = [];
      everything.value = false;
    },
  };
}
