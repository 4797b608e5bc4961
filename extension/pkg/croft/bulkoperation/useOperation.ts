/** Keeps operations on a page as they are: the hub tells of each step, and what it shows then is read anew with what can be done. */
import { onMounted } from 'vue';
import { request } from '../api/client';
import { fleet } from '../api/urls';
import { useLive, type Live } from '../api/useLive';

/** The hub's own rows have this before their names. */
const HUB = '_hub';

/** What is at a URL: one operation by its name, or all that the caller may see. */
export function useOperations<T>(url: string, name?: string): Live<T> {
  const live = useLive<T>((signal) => request<T>(url, { signal }), {
    path:     fleet.subscribe(),
    subjects: [{ resourceType: 'bulkoperation', ...(name ? { id: `${ HUB }/${ name }` } : {}) }]
  });

  onMounted(() => live.refresh());

  return live;
}
