/** What the list of machines asks of the hub. */
import type { Question } from '../api/feed';
import { fleet } from '../api/urls';
import type { Asked } from '../api/useRows';
import { filterValue, type View } from '../table/view';
import { chipFilters } from './filter';

/** Columns that the hub sorts by, in the order of the table. */
export const SORT_KEYS = [
  'state', 'name', 'site', 'namespace', 'cpu', 'memory', 'addresses', 'node', 'created', 'disks', 'diskSize', 'image', 'guestOS', 'guestCluster', 'networks', 'macs', 'tags',
] as const;
export type SortKey = typeof SORT_KEYS[number];

/** What machines can stand together by. */
export const GROUPS = ['site', 'namespace', 'guestCluster'] as const;
export type Group = typeof GROUPS[number];

/** Columns that stay as they are while a machine lives. */
const FIXED: readonly string[] = ['name', 'site', 'namespace', 'created'];

export function groupOf({ group }: View<SortKey>): Group | undefined {
  return GROUPS.find((known) => known === group);
}

/** What the view is of, whatever its order and page. */
export function questionOf(view: View<SortKey>): Question {
  const filter = [...chipFilters(view.filters), ...(view.state ? [`state=${ filterValue(view.state) }`] : [])];

  return {
    resourceType: 'virtualmachine',
    ...(filter.length ? { filter } : {}),
    ...(view.search.trim() ? { search: view.search.trim() } : {}),
    ...(view.site ? { site: view.site } : {}),
  };
}

/** The view's question as it stands in the address of a list. */
export function questionQuery(view: View<SortKey>): URLSearchParams {
  const { filter = [], search, site } = questionOf(view);
  const query = new URLSearchParams();

  filter.forEach((each) => query.append('filter', each));
  if (search) {
    query.set('search', search);
  }
  if (site) {
    query.set('site', site);
  }

  return query;
}

/** Writes the hub's query. The name settles the order of equals, so that pages do not overlap. */
export function toApi(view: View<SortKey>): URLSearchParams {
  const group = groupOf(view);
  const first = group && group !== view.sort ? [group] : [];
  const ties = ['name', 'site', 'namespace'].filter((key) => key !== view.sort && key !== group);
  const query = new URLSearchParams({ page: String(view.page), pagesize: String(view.pageSize) });

  query.set('sort', [...first, `${ view.descending ? '-' : '' }${ view.sort }`, ...ties].join(','));
  questionQuery(view).forEach((value, name) => query.append(name, value));
  if (group) {
    query.set('summary', group);
  }

  return query;
}

/** What the list asks of the hub, at once and from then on. */
export function asked(view: View<SortKey>): Asked {
  return {
    url:      fleet.virtualMachines(toApi(view)),
    question: questionOf(view),
    moves:    [view.sort, groupOf(view) ?? 'name'].filter((column) => !FIXED.includes(column)),
  };
}
