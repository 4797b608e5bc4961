/** The view of a list that its route keeps, and the ways to change it. */
import {
  computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref
} from 'vue';
import { useRoute, useRouter } from 'vue-router';
import debounce from 'lodash/debounce';
import { fromRoute, sortedBy, toRoute, type View } from './view';

const SEARCH_MS = 250;

export interface Viewing<Sort extends string> {
  view: ComputedRef<View<Sort>>;
  /** What stands in the search box: the view has it when the reader pauses. */
  search: Ref<string>;
  show(change: Partial<View<Sort>>): void;
  sortBy(name: string): void;
}

export function useView<Sort extends string>(sorts: readonly Sort[]): Viewing<Sort> {
  const route = useRoute();
  const router = useRouter();
  const view = computed(() => fromRoute(route.query, sorts));
  const search = ref(view.value.search);

  function show(change: Partial<View<Sort>>) {
    router.replace({
      query: toRoute({
        ...view.value, page: 1, ...change
      })
    });
  }

  const searchSoon = debounce(() => show({ search: search.value }), SEARCH_MS);

  watch(search, (text) => {
    if (text !== view.value.search) {
      searchSoon();
    }
  });
  watch(() => view.value.search, (text) => {
    search.value = text;
  });
  // Else the search would lead back here from the page that was opened meanwhile.
  onBeforeUnmount(searchSoon.cancel);

  return {
    view, search, show, sortBy: (name) => show(sortedBy(view.value, name as Sort))
  };
}
