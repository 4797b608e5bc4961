import {
  DEFAULT_VIEW, fromRoute, lastPage, toApi, toRoute
} from './query';

describe('the list’s route', () => {
  it.each([
    ['nothing said is the default', {}, DEFAULT_VIEW],
    ['all of it', {
      page: '3', pagesize: '100', sort: '-created', q: 'web', site: 'c-m-1', state: 'Running'
    }, {
      page: 3, pageSize: 100, sort: 'created', descending: true, search: 'web', site: 'c-m-1', state: 'Running'
    }],
    ['nonsense is as if it were not', {
      page: '-1', pagesize: '7', sort: 'drop table'
    }, DEFAULT_VIEW],
    ['the first of several', { q: ['a', 'b'] }, { ...DEFAULT_VIEW, search: 'a' }],
  ])('reads: %s', (_reason, query, want) => {
    expect(fromRoute(query)).toStrictEqual(want);
  });

  it.each([
    ['the default needs no words', DEFAULT_VIEW, {}],
    ['what differs is said', {
      ...DEFAULT_VIEW, page: 2, sort: 'memory' as const, descending: true, search: 'x'
    }, {
      page: '2', sort: '-memory', q: 'x'
    }],
  ])('writes: %s', (_reason, view, want) => {
    expect(toRoute(view)).toStrictEqual(want);
    expect(fromRoute(toRoute(view))).toStrictEqual(view);
  });
});

describe('a page past the last', () => {
  it.each([
    ['a page with rows stays', 2, 51, undefined],
    ['the last row of the last page is gone', 2, 50, 1],
    ['many rows are gone', 9, 101, 3],
    ['no row is left', 2, 0, 1],
    ['the first page stays, rows or not', 1, 0, undefined],
  ])('%s', (_reason, page, count, want) => {
    expect(lastPage({ ...DEFAULT_VIEW, page }, count)).toBe(want);
  });
});

describe('the hub’s query', () => {
  it.each([
    ['equals are ordered too', DEFAULT_VIEW, 'page=1&pagesize=50&sort=name,site,namespace'],
    ['downwards', {
      ...DEFAULT_VIEW, sort: 'created' as const, descending: true
    }, 'page=1&pagesize=50&sort=-created,name,site,namespace'],
    ['a search looks into several fields, filters narrow it', {
      ...DEFAULT_VIEW, search: ' web ', site: 'c-m-1'
    }, 'page=1&pagesize=50&sort=name,site,namespace&filter=name~web,namespace~web,addresses~web,node~web&filter=site=c-m-1'],
    ['what has a meaning in a filter is quoted', { ...DEFAULT_VIEW, search: 'a,"b' }, 'page=1&pagesize=50&sort=name,site,namespace&filter=name~"a,b",namespace~"a,b",addresses~"a,b",node~"a,b"'],
  ])('%s', (_reason, view, want) => {
    expect(decodeURIComponent(toApi(view).toString())).toBe(want);
  });
});
