import {
  fromRoute, lastPage, searching, sortedBy, toRoute, type View
} from './view';

const SORTS = ['name', 'created', 'memory'] as const;
const DEFAULT: View<typeof SORTS[number]> = {
  page: 1, pageSize: 50, sort: 'name', descending: false, search: '', site: '', state: '', filters: [], columns: [], group: ''
};

describe('the list’s route', () => {
  it.each([
    ['nothing said is the default', {}, DEFAULT],
    ['all of it', {
      page: '3', pagesize: '100', sort: '-created', q: 'web', site: 'c-m-1', state: 'Running', f: ['node:n', 'label:a=b', 'node:n'], columns: 'name,node', group: 'site'
    }, {
      page: 3, pageSize: 100, sort: 'created', descending: true, search: 'web', site: 'c-m-1', state: 'Running', filters: ['node:n', 'label:a=b'], columns: ['name', 'node'], group: 'site'
    }],
    ['one filter', { f: 'node:n' }, { ...DEFAULT, filters: ['node:n'] }],
    ['nonsense is as if it were not', {
      page: '-1', pagesize: '7', sort: 'drop table'
    }, DEFAULT],
    ['the first of several', { q: ['a', 'b'] }, { ...DEFAULT, search: 'a' }],
  ])('reads: %s', (_reason, query, want) => {
    expect(fromRoute(query, SORTS)).toStrictEqual(want);
  });

  it.each([
    ['the default needs no words', DEFAULT, {}],
    ['what differs is said', {
      ...DEFAULT, page: 2, sort: 'memory' as const, descending: true, search: 'x', filters: ['node:n'], columns: ['name', 'node'], group: 'site'
    }, {
      page: '2', sort: '-memory', q: 'x', f: ['node:n'], columns: 'name,node', group: 'site'
    }],
  ])('writes: %s', (_reason, view, want) => {
    expect(toRoute(view)).toStrictEqual(want);
    expect(fromRoute(toRoute(view), SORTS)).toStrictEqual(view);
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
    expect(lastPage({ ...DEFAULT, page }, count)).toBe(want);
  });
});

describe('a click on a heading', () => {
  it.each([
    ['another column, upwards', DEFAULT, { sort: 'created', descending: false }],
    ['the same column, downwards', { ...DEFAULT, sort: 'created' as const }, { sort: 'created', descending: true }],
    ['and upwards again', {
      ...DEFAULT, sort: 'created' as const, descending: true
    }, { sort: 'created', descending: false }],
  ])('%s', (_reason, view, want) => {
    expect(sortedBy(view, 'created')).toStrictEqual(want);
  });
});

describe('a search', () => {
  it.each([
    ['looks into several fields', ' web ', 'a~web,b~web'],
    ['is quoted where it has a meaning in a filter', 'x,"y', 'a~"x,y",b~"x,y"'],
  ])('%s', (_reason, text, want) => {
    expect(searching(['a', 'b'], text)).toBe(want);
  });
});
