import { fromRoute } from '../table/view';
import { SORT_KEYS, toApi } from './query';

describe('the hub’s query', () => {
  const view = fromRoute({}, SORT_KEYS);

  it.each([
    ['equals are ordered too', view, 'page=1&pagesize=50&sort=name,site,namespace'],
    ['downwards', {
      ...view, sort: 'created' as const, descending: true
    }, 'page=1&pagesize=50&sort=-created,name,site,namespace'],
    ['a search looks into several fields, filters narrow it', {
      ...view, search: ' web ', site: 'c-m-1'
    }, 'page=1&pagesize=50&sort=name,site,namespace&filter=name~web,namespace~web,addresses~web,node~web&filter=site=c-m-1'],
  ])('%s', (_reason, v, want) => {
    expect(decodeURIComponent(toApi(v).toString())).toBe(want);
  });
});
