/** What the list of a kind asks of its site's Steve. */
import type { Resource } from '../api/steve';
import { filterValue, searching, type View } from '../table/view';
import type { Column } from '../table/column';
import type { Kind } from './kind';

/** What Steve sorts every kind by. */
const COMMON: Record<string, string> = {
  state: 'metadata.state.name', name: 'metadata.name', namespace: 'metadata.namespace', created: 'metadata.creationTimestamp'
};

function fieldsOf<T extends Resource>(kind: Kind<T>): Record<string, string> {
  const own = kind.cells.flatMap(({ name, sort }) => sort ? [[name, sort]] : []);

  return {
    ...COMMON, ...Object.fromEntries(own), ...(kind.title ? { name: kind.title.field } : {})
  };
}

/** The columns of the list: the kind's own between those that every kind has. */
export function columnsOf<T extends Resource>(kind: Kind<T>): Column[] {
  const sortable = sortsOf(kind);
  const common = (name: string): Column => ({
    name, labelKey: `croft.kind.${ name }`, sortable: true
  });

  return [
    common('state'),
    common('name'),
    ...(kind.namespaced ? [common('namespace')] : []),
    ...kind.cells.map(({ name, number }) => ({
      name, labelKey: `croft.${ kind.word }.${ name }`, number, sortable: sortable.includes(name)
    })),
    common('created'),
    { name: 'menu', labelKey: '' },
  ];
}

/** The columns that the list can be ordered by. */
export function sortsOf<T extends Resource>(kind: Kind<T>): string[] {
  return Object.keys(fieldsOf(kind)).filter((name) => kind.namespaced || name !== 'namespace');
}

/** Writes the query of one page. The name settles the order of equals, so that pages do not overlap. */
export function toSteve<T extends Resource>(kind: Kind<T>, view: View): URLSearchParams {
  const query = new URLSearchParams({ page: String(view.page), pagesize: String(view.pageSize) });
  const field = fieldsOf(kind)[view.sort] ?? COMMON.name;
  const ties = [COMMON.name, ...(kind.namespaced ? [COMMON.namespace] : [])].filter((tie) => tie !== field);
  const searched = [...new Set([fieldsOf(kind).name, ...[COMMON.name, COMMON.namespace].slice(0, kind.namespaced ? 2 : 1)])];

  query.set('sort', [`${ view.descending ? '-' : '' }${ field }`, ...ties].join(','));
  query.set('exclude', 'metadata.managedFields');
  if (kind.filter) {
    query.append('filter', kind.filter);
  }
  if (view.search.trim()) {
    query.append('filter', searching(searched, view.search));
  }
  if (view.state) {
    query.append('filter', `metadata.state.name=${ filterValue(view.state) }`);
  }

  return query;
}
