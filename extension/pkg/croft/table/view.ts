/** Which part of a list is shown, and in which order: kept in the page's route, so that a link or a reload shows the same. */

export const PAGE_SIZES = [25, 50, 100, 250];
const DEFAULT_PAGE_SIZE = 50;
const DEFAULT_SORT = 'name';

export interface View<Sort extends string = string> {
  page: number;
  pageSize: number;
  /** The name of the column that orders the rows. */
  sort: Sort;
  descending: boolean;
  search: string;
  /** Cluster id of the one site to show, empty for all. */
  site: string;
  /** The one state to show, empty for all. */
  state: string;
  /** What else narrows the list: a field and its value, as `node:node-1`. */
  filters: string[];
  /** The columns to show in their order; empty for those that are usual. */
  columns: string[];
  /** The column whose equals stand together under a heading; empty for none. */
  group: string;
}

type RouteQuery = Record<string, unknown>;

/** The last page, where the view is past it: rows may have gone since the page was chosen. */
export function lastPage({ page, pageSize }: View, count: number): number | undefined {
  const last = Math.max(1, Math.ceil(count / pageSize));

  return page > last ? last : undefined;
}

function one(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value;

  return typeof first === 'string' ? first : '';
}

function several(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text): text is string => typeof text === 'string' && text !== '');
}

function positive(value: unknown, otherwise: number): number {
  const n = Number(one(value));

  return Number.isInteger(n) && n > 0 ? n : otherwise;
}

/** Reads a route; what makes no sense there is as if it were not. `sorts` are the columns that a list can be ordered by. */
export function fromRoute<Sort extends string>(query: RouteQuery, sorts: readonly Sort[]): View<Sort> {
  const sort = one(query.sort);
  const key = sort.replace(/^-/, '') as Sort;
  const known = sorts.includes(key);
  const pageSize = positive(query.pagesize, DEFAULT_PAGE_SIZE);

  return {
    page:       positive(query.page, 1),
    pageSize:   PAGE_SIZES.includes(pageSize) ? pageSize : DEFAULT_PAGE_SIZE,
    sort:       known ? key : DEFAULT_SORT as Sort,
    descending: known && sort.startsWith('-'),
    search:     one(query.q),
    site:       one(query.site),
    state:      one(query.state),
    filters:    [...new Set(several(query.f))],
    columns:    one(query.columns).split(',').filter(Boolean),
    group:      one(query.group),
  };
}

/** Writes a route: only what differs from the default. */
export function toRoute({
  page, pageSize, sort, descending, search, site, state, filters, columns, group
}: View): Record<string, string | string[]> {
  const order = `${ descending ? '-' : '' }${ sort }`;
  const all = {
    page:     page > 1 ? String(page) : '',
    pagesize: pageSize !== DEFAULT_PAGE_SIZE ? String(pageSize) : '',
    sort:     order !== DEFAULT_SORT ? order : '',
    q:        search,
    site,
    state,
    columns:  columns.join(','),
    group,
  };

  return { ...Object.fromEntries(Object.entries(all).filter(([, text]) => text)), ...(filters.length ? { f: filters } : {}) };
}

/** The view after a click on a column's heading: by that column, or the other way round. */
export function sortedBy<Sort extends string>(view: View<Sort>, name: Sort): Pick<View<Sort>, 'sort' | 'descending'> {
  return { sort: name, descending: view.sort === name && !view.descending };
}

/** A value in a filter: bare where that is safe, else quoted, as Steve's clients quote. */
export function filterValue(v: string): string {
  return /^[\w.:/-]+$/.test(v) ? v : `"${ v.replace(/["\\]/g, '') }"`;
}

/** One filter that finds the text in any of the fields. */
export function searching(fields: readonly string[], text: string): string {
  return fields.map((field) => `${ field }~${ filterValue(text.trim()) }`).join(',');
}
