/** What the list of machines asks of the hub. */
import { fleet } from '../api/urls';
import type { Asked } from '../api/useRows';
import { filterValue, searching, type View } from '../table/view';

/** Columns that the hub sorts by, in the order of the table. */
export const SORT_KEYS = ['state', 'name', 'site', 'namespace', 'cpu', 'memory', 'addresses', 'node', 'created'] as const;
export type SortKey = typeof SORT_KEYS[number];

/** What the search box looks into. */
const SEARCHED = ['name', 'namespace', 'addresses', 'node'];

/** Columns that stay as they are while a machine lives. */
const FIXED: readonly SortKey[] = ['name', 'site', 'namespace', 'created'];

/** What the view is of, whatever its order and page. */
export function filtersOf(view: View<SortKey>): string[] {
  return [
    ...(view.search.trim() ? [searching(SEARCHED, view.search)] : []),
    ...(view.site ? [`site=${ filterValue(view.site) }`] : []),
    ...(view.state ? [`state=${ filterValue(view.state) }`] : []),
  ];
}

/** What the list asks of the hub, at once and from then on. */
export function asked(view: View<SortKey>): Asked {
  return {
    url:      fleet.virtualMachines(toApi(view)),
    question: { resourceType: 'virtualmachine', filter: filtersOf(view) },
    moves:    FIXED.includes(view.sort) ? [] : [view.sort],
  };
}

/** Writes the hub's query. The name settles the order of equals, so that pages do not overlap. */
export function toApi(view: View<SortKey>): URLSearchParams {
  const query = new URLSearchParams({ page: String(view.page), pagesize: String(view.pageSize) });
  const ties = ['name', 'site', 'namespace'].filter((k) => k !== view.sort);

  query.set('sort', [`${ view.descending ? '-' : '' }${ view.sort }`, ...ties].join(','));

  filtersOf(view).forEach((filter) => query.append('filter', filter));

  return query;
}
