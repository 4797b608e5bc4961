/** Whether the caller may make an object of a kind at the site that a page shows: by the kind's schema there, which Steve
 * makes for each caller. Until the site has answered, and where it cannot, nobody is told that he may not: it refuses itself. */
import { computed, shallowRef, watch, type ComputedRef } from 'vue';
import { request } from '../api/client';
import { site as home, type SiteType } from '../api/urls';

interface Schema {
  collectionMethods?: string[];
}

export function useMaking(site: () => string, type: SiteType): ComputedRef<boolean> {
  const schema = shallowRef<Schema>();

  watch(site, async(id) => {
    schema.value = undefined;
    const answer = id ? await request<Schema>(home(id).schema(type)).catch(() => undefined) : undefined;

    if (id === site()) {
      schema.value = answer;
    }
  }, { immediate: true });

  return computed(() => !schema.value || !!schema.value.collectionMethods?.includes('POST'));
}
