/** Whether the caller may make an object of a kind: by the kind's schema, at a site or at the hub, which Steve makes for each
 * caller. Until it has answered, and where it cannot, nobody is told that he may not: it refuses itself. */
import {
  computed, ref, shallowRef, watch, type ComputedRef, type Ref
} from 'vue';
import { request } from '../api/client';

interface Schema {
  collectionMethods?: string[];
}

export interface Making {
  may: ComputedRef<boolean>;
  /** It is being asked, and `may` is what is said meanwhile. */
  asking: Ref<boolean>;
}

/** `where` is the URL of the schema; empty where there is none to ask now. */
export function useMaking(where: () => string): Making {
  const asking = ref(false);
  const schema = shallowRef<Schema>();

  watch(where, async(url) => {
    schema.value = undefined;
    asking.value = !!url;
    const answer = url ? await request<Schema>(url).catch(() => undefined) : undefined;

    if (url === where()) {
      schema.value = answer;
      asking.value = false;
    }
  }, { immediate: true });

  const may = computed(() => !schema.value || !!schema.value.collectionMethods?.includes('POST'));

  return { may, asking };
}
