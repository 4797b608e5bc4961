/** Whether the caller may make an object of a kind: by the kind's schema, at a site or at the hub, which Steve makes for each
 * caller. Until it has answered, and where it cannot, nobody is told that he may not: it refuses itself. */
import { computed, shallowRef, watch, type ComputedRef } from 'vue';
import { request } from '../api/client';

interface Schema {
  collectionMethods?: string[];
}

/** `where` is the URL of the schema; empty where there is none to ask now. */
export function useMaking(where: () => string): ComputedRef<boolean> {
  const schema = shallowRef<Schema>();

  watch(where, async(url) => {
    schema.value = undefined;
    const answer = url ? await request<Schema>(url).catch(() => undefined) : undefined;

    if (url === where()) {
      schema.value = answer;
    }
  }, { immediate: true });

  return computed(() => !schema.value || !!schema.value.collectionMethods?.includes('POST'));
}
