import { fromRoute } from '../table/view';
import { asked, questionOf, SORT_KEYS, toApi } from './query';

describe('the hub’s query', () => {
  const view = fromRoute({}, SORT_KEYS);

  it.each([
    ['equals are ordered too', view, 'page=1&pagesize=50&sort=name,site,namespace'],
    ['downwards', {
      ...view, sort: 'created' as const, descending: true
    }, 'page=1&pagesize=50&sort=-created,name,site,namespace'],
    ['a search and filters narrow it', {
      ...view, search: ' web ', site: 'c-m-1', filters: ['node:n']
    }, 'page=1&pagesize=50&sort=name,site,namespace&filter=node=n&search=web&site=c-m-1'],
    ['a group stands together and is counted', {
      ...view, sort: 'memory' as const, group: 'guestCluster'
    }, 'page=1&pagesize=50&sort=guestCluster,memory,name,site,namespace&summary=guestCluster'],
    ['the group is the order already', {
      ...view, sort: 'site' as const, descending: true, group: 'site'
    }, 'page=1&pagesize=50&sort=-site,name,namespace&summary=site'],
  ])('%s', (_reason, v, want) => {
    expect(decodeURIComponent(toApi(v).toString())).toBe(want);
  });

  it.each([
    ['everything', view, { resourceType: 'virtualmachine' }],
    ['what the list shows', {
      ...view, search: 'web', site: 'c-m-1', state: 'Running', page: 3
    }, {
      resourceType: 'virtualmachine', filter: ['state=Running'], search: 'web', site: 'c-m-1'
    }],
  ])('is followed: %s', (_reason, v, want) => {
    expect(questionOf(v)).toStrictEqual(want);
  });

  it.each([
    ['no row moves that is ordered by its name', view, []],
    ['rows move by what changes', { ...view, sort: 'state' as const }, ['state']],
    ['and into other groups', { ...view, group: 'guestCluster' }, ['guestCluster']],
  ])('%s', (_reason, v, want) => {
    expect(asked(v).moves).toStrictEqual(want);
  });
});
