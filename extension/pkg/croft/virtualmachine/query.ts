/**
 * What the list of machines shows: kept in the page's route, so that a link or a reload
 * shows the same, and asked of the hub as its query.
 */

/** Columns that the hub sorts by, in the order of the table. */
export const SORT_KEYS = ['state', 'name', 'site', 'namespace', 'cpu', 'memory', 'addresses', 'node', 'created'] as const;
export type SortKey = typeof SORT_KEYS[number];

export const PAGE_SIZES = [25, 50, 100, 250];
const DEFAULT_PAGE_SIZE = 50;
/** What the search box looks into. */
const SEARCHED = ['name', 'namespace', 'addresses', 'node'];

export interface ListView {
  page: number;
  pageSize: number;
  sort: SortKey;
  descending: boolean;
  search: string;
  /** Cluster id of the one site to show, empty for all. */
  site: string;
  /** The one state to show, empty for all. */
  state: string;
}

export const DEFAULT_VIEW: ListView = {
  page: 1, pageSize: DEFAULT_PAGE_SIZE, sort: 'name', descending: false, search: '', site: '', state: ''
};

/** The last page, where the view is past it: rows may have gone since the page was chosen. */
export function lastPage(view: ListView, count: number): number | undefined {
  const last = Math.max(1, Math.ceil(count / view.pageSize));

  return view.page > last ? last : undefined;
}

type RouteQuery = Record<string, unknown>;

function one(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value;

  return typeof first === 'string' ? first : '';
}

function positive(value: unknown, otherwise: number): number {
  const n = Number(one(value));

  return Number.isInteger(n) && n > 0 ? n : otherwise;
}

/** Reads a route; what makes no sense there is as if it were not. */
export function fromRoute(query: RouteQuery): ListView {
  const sort = one(query.sort);
  const key = sort.replace(/^-/, '') as SortKey;
  const known = SORT_KEYS.includes(key);
  const pageSize = positive(query.pagesize, DEFAULT_PAGE_SIZE);

  return {
    page:       positive(query.page, 1),
    pageSize:   PAGE_SIZES.includes(pageSize) ? pageSize : DEFAULT_PAGE_SIZE,
    sort:       known ? key : DEFAULT_VIEW.sort,
    descending: known && sort.startsWith('-'),
    search:     one(query.q),
    site:       one(query.site),
    state:      one(query.state),
  };
}

/** Writes a route: only what differs from the default. */
export function toRoute(view: ListView): Record<string, string> {
  const out: Record<string, string> = {};
  const sort = `${ view.descending ? '-' : '' }${ view.sort }`;

  if (view.page > 1) {
    out.page = String(view.page);
  }
  if (view.pageSize !== DEFAULT_PAGE_SIZE) {
    out.pagesize = String(view.pageSize);
  }
  if (sort !== DEFAULT_VIEW.sort) {
    out.sort = sort;
  }
  if (view.search) {
    out.q = view.search;
  }
  if (view.site) {
    out.site = view.site;
  }
  if (view.state) {
    out.state = view.state;
  }

  return out;
}

/** A value in a filter: bare where that is safe, else quoted, as Steve's clients quote. */
function value(v: string): string {
  return /^[\w.:/-]+$/.test(v) ? v : `"${ v.replace(/["\\]/g, '') }"`;
}

/** Writes the hub's query. The name settles the order of equals, so that pages do not overlap. */
export function toApi(view: ListView): URLSearchParams {
  const query = new URLSearchParams({ page: String(view.page), pagesize: String(view.pageSize) });
  const ties = ['name', 'site', 'namespace'].filter((k) => k !== view.sort);
  const search = view.search.trim();

  query.set('sort', [`${ view.descending ? '-' : '' }${ view.sort }`, ...ties].join(','));

  if (search) {
    query.append('filter', SEARCHED.map((field) => `${ field }~${ value(search) }`).join(','));
  }
  if (view.site) {
    query.append('filter', `site=${ value(view.site) }`);
  }
  if (view.state) {
    query.append('filter', `state=${ value(view.state) }`);
  }

  return query;
}
