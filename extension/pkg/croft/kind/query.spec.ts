import { CLOUD_CONFIG } from '../cloudconfig/cloudconfig';
import { IMAGE } from '../image/image';
import { NODE } from '../node/node';
import { fromRoute } from '../table/view';
import { columnsOf, sortsOf, toSteve } from './query';

describe('what a list asks of its site', () => {
  const view = fromRoute({}, sortsOf(IMAGE));
  const REST = 'exclude=metadata.managedFields';

  it.each([
    ['a page by what people call the objects', toSteve(IMAGE, view), `page=1&pagesize=50&sort=spec.displayName,metadata.name,metadata.namespace&${ REST }`],
    ['by a column of the kind’s own, downwards', toSteve(IMAGE, {
      ...view, sort: 'size', descending: true
    }), `page=1&pagesize=50&sort=-status.size,metadata.name,metadata.namespace&${ REST }`],
    ['a search', toSteve(IMAGE, { ...view, search: 'tiny' }), `page=1&pagesize=50&sort=spec.displayName,metadata.name,metadata.namespace&${ REST }&filter=spec.displayName~tiny,metadata.name~tiny,metadata.namespace~tiny`],
    ['a kind without namespaces', toSteve(NODE, { ...view, search: 'n' }), `page=1&pagesize=50&sort=metadata.name&${ REST }&filter=metadata.name~n`],
    ['only those of the kind', toSteve(CLOUD_CONFIG, { ...view, sort: 'created' }), `page=1&pagesize=50&sort=metadata.creationTimestamp,metadata.name,metadata.namespace&${ REST }&filter=${ CLOUD_CONFIG.filter }`],
  ])('%s', (_reason, query, want) => {
    expect(decodeURIComponent(query.toString())).toBe(want);
  });

  it('has a column for everything, and can be ordered by what the site indexes', () => {
    expect(columnsOf(NODE).map(({ name }) => name)).toStrictEqual(['state', 'name', 'customName', 'roles', 'version', 'cpu', 'memory', 'maintenance', 'created', 'menu']);
    expect(sortsOf(NODE)).toStrictEqual(['state', 'name', 'created']);
  });
});
