/** A kind of object as the hub lists it over all sites. What can be done with an object is at its site. */
import { fleet } from '../api/urls';
import type { Resource } from '../api/steve';
import type { Asked } from '../api/useRows';
import type { Listing } from '../kind/listing';
import { to, type Location, type Page } from '../pages';
import type { Column } from '../table/column';
import type { View } from '../table/view';

/** A row of the hub, of whatever kind. */
export interface FleetRow extends Resource {
  site: string;
  siteName: string;
  namespace: string;
  name: string;
  state: string;
  reason?: string;
  created: string;
  stale: boolean;
  lastHeard: string;
}

/** A column, by the hub's name for it. */
export interface FleetCell<Row extends FleetRow> {
  name: string;
  text(row: Row): string;
  number?: boolean;
  /** Its texts may be one long word. */
  long?: boolean;
}

export interface FleetKind<Row extends FleetRow = FleetRow> {
  /** The hub's type, and the capability's word. */
  word: string;
  plural: string;
  page: Page;
  namespaced: boolean;
  cells: FleetCell<Row>[];
  /** The column that has what people call an object, where that is not its name. */
  title?: string;
  /** Where an object's own page is, of a kind that the hub has itself: it is of no site. */
  own?(row: Row): Location;
}

/** What every row is ordered by, whatever its kind. */
const COMMON = ['state', 'name', 'site', 'namespace', 'created'];
/** What stays as it is while an object lives. */
const FIXED = ['name', 'site', 'namespace', 'created'];

export function sortsOf<Row extends FleetRow>(kind: FleetKind<Row>): string[] {
  const without = [...(kind.namespaced ? [] : ['namespace']), ...(kind.own ? ['site'] : [])];

  return [...COMMON.filter((name) => !without.includes(name)), ...kind.cells.map(({ name }) => name)];
}

/** The columns of the list, with one for menus where objects have them. */
export function columnsOf<Row extends FleetRow>(kind: FleetKind<Row>, menu = false): Column[] {
  const common = (name: string): Column => ({
    name, labelKey: name === 'site' ? 'croft.vm.site' : `croft.kind.${ name }`, sortable: true
  });

  return [
    ...sortsOf(kind).filter((name) => COMMON.includes(name) && name !== 'created').map(common),
    ...kind.cells.map(({ name, number }) => ({
      name, labelKey: `croft.${ kind.word }.${ name }`, sortable: true, number
    })),
    common('created'),
    ...(menu ? [{ name: 'menu', labelKey: '' }] : []),
  ];
}

export function titleOf<Row extends FleetRow>(kind: FleetKind<Row>, row: Row): string {
  return String((kind.title && (row as unknown as Record<string, unknown>)[kind.title]) || row.name);
}

/** The list row by row. Where the kind has a list at each site, names lead there and rows have menus. */
export function listingOf<Row extends FleetRow>(kind: FleetKind<Row>, atSites: boolean): Listing<Row> {
  return {
    word:    kind.word,
    page:    kind.page,
    columns: columnsOf(kind, atSites),
    cells:   kind.cells,
    shown:   (row) => ({
      key:     row.id ?? `${ row.site }/${ row.namespace }/${ row.name }`,
      title:   titleOf(kind, row),
      state:   row.state,
      message: row.metadata.state?.message ?? '',
      created: row.created,
      ...(kind.own ? { link: kind.own(row) } : { site: { id: row.site, name: row.siteName || row.site } }),
      ...(atSites ? { link: to(kind.page, {}, { site: row.site, q: row.name }) } : {}),
      ...(kind.namespaced ? { namespace: row.namespace } : {}),
      ...(row.stale ? { heard: row.lastHeard } : {}),
    }),
  };
}

/** What one page asks of the hub, at once and from then on. */
export function asked<Row extends FleetRow>(kind: FleetKind<Row>, view: View): Asked {
  const wanted = sortsOf(kind).includes(view.sort) ? view.sort : 'name';
  const sort = wanted === 'name' && kind.title ? kind.title : wanted;
  const ties = ['name', ...(kind.own ? [] : ['site']), ...(kind.namespaced ? ['namespace'] : [])].filter((tie) => tie !== sort);
  const search = view.search.trim();
  const query = new URLSearchParams({
    page: String(view.page), pagesize: String(view.pageSize), sort: [`${ view.descending ? '-' : '' }${ sort }`, ...ties].join(',')
  });
  const narrow = { ...(search ? { search } : {}), ...(view.site ? { site: view.site } : {}) };

  Object.entries(narrow).forEach(([name, value]) => query.set(name, value));

  return {
    url:      fleet.rows(kind.plural, query),
    question: { resourceType: kind.word, ...narrow },
    moves:    FIXED.includes(sort) ? [] : [sort],
  };
}
