/** What the list of machines asks of the hub. */
import { filterValue, searching, type View } from '../table/view';

/** Columns that the hub sorts by, in the order of the table. */
export const SORT_KEYS = ['state', 'name', 'site', 'namespace', 'cpu', 'memory', 'addresses', 'node', 'created'] as const;
export type SortKey = typeof SORT_KEYS[number];

/** What the search box looks into. */
const SEARCHED = ['name', 'namespace', 'addresses', 'node'];

/** Writes the hub's query. The name settles the order of equals, so that pages do not overlap. */
export function toApi(view: View<SortKey>): URLSearchParams {
  const query = new URLSearchParams({ page: String(view.page), pagesize: String(view.pageSize) });
  const ties = ['name', 'site', 'namespace'].filter((k) => k !== view.sort);

  query.set('sort', [`${ view.descending ? '-' : '' }${ view.sort }`, ...ties].join(','));

  if (view.search.trim()) {
    query.append('filter', searching(SEARCHED, view.search));
  }
  if (view.site) {
    query.append('filter', `site=${ filterValue(view.site) }`);
  }
  if (view.state) {
    query.append('filter', `state=${ filterValue(view.state) }`);
  }

  return query;
}
