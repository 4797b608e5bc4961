import { BACKUP } from '../backup/backup';
import { IMAGE_ROWS } from '../image/rows';
import { LOAD_BALANCER } from '../loadbalancer/loadbalancer';
import { NETWORK } from '../network/network';
import { NODE_ROWS } from '../node/rows';
import { fromRoute } from '../table/view';
import {
  asked, columnsOf, listingOf, sortsOf, titleOf, type FleetKind, type FleetRow
} from './kind';

const row = (change: Record<string, unknown> = {}) => ({
  id: 'c/d/x', site: 'c', siteName: 's', namespace: 'd', name: 'x', state: 'Active', created: '', stale: false, lastHeard: '', metadata: { name: 'x' }, ...change
}) as unknown as FleetRow;

describe('a kind over all sites', () => {
  const view = fromRoute({}, sortsOf(IMAGE_ROWS));

  it.each([
    ['people’s names order it', IMAGE_ROWS, view, '/v1/croft/images?page=1&pagesize=50&sort=displayName,name,site,namespace', ['displayName']],
    ['names stay', NETWORK, view, '/v1/croft/networks?page=1&pagesize=50&sort=name,site,namespace', []],
    ['narrowed', NETWORK, {
      ...view, search: ' vlan ', site: 'c', sort: 'vlan', descending: true
    }, '/v1/croft/networks?page=1&pagesize=50&sort=-vlan,name,site,namespace&search=vlan&site=c', ['vlan']],
    ['an order that it has not', NODE_ROWS, { ...view, sort: 'password' }, '/v1/croft/nodes?page=1&pagesize=50&sort=name,site', []],
  ] as [string, FleetKind, typeof view, string, string[]][])('is asked for: %s', (_reason, kind, v, url, moves) => {
    const want = asked(kind, v);

    expect(decodeURIComponent(want.url)).toBe(url);
    expect(want.moves).toStrictEqual(moves);
    expect(want.question).toMatchObject({ resourceType: kind.word });
  });

  it('has the columns that its kind has', () => {
    expect(columnsOf(NODE_ROWS as FleetKind).map(({ name }) => name)).toStrictEqual(['state', 'name', 'site', 'roles', 'cpu', 'memory', 'addresses', 'version', 'created']);
    expect(columnsOf(BACKUP as FleetKind).map(({ name }) => name)).toStrictEqual(['state', 'name', 'site', 'namespace', 'backupType', 'machine', 'progress', 'created']);
  });

  it.each([
    ['a row of a site that is away has its age', IMAGE_ROWS, true, { stale: true, lastHeard: 'then' }, ['then', 'd', 's', { site: 'c', q: 'x' }]],
    ['a kind without namespaces has none', NODE_ROWS, true, {}, [undefined, undefined, 's', { site: 'c', q: 'x' }]],
    ['a kind without lists at sites leads nowhere', BACKUP, false, { siteName: '' }, [undefined, 'd', 'c', undefined]],
  ] as [string, FleetKind, boolean, Record<string, unknown>, unknown[]][])('shows a row: %s', (_reason, kind, atSites, change, want) => {
    const listing = listingOf(kind, atSites);
    const {
      heard, namespace, site, link
    } = listing.shown(row(change));

    expect([heard, namespace, site?.name, link?.query]).toStrictEqual(want);
    expect(listing.columns.some(({ name }) => name === 'menu')).toBe(atSites);
  });

  it('is called as people do', () => {
    expect([titleOf(IMAGE_ROWS as FleetKind, row({ displayName: 'tiny' })), titleOf(IMAGE_ROWS as FleetKind, row())]).toStrictEqual(['tiny', 'x']);
  });

  it.each([
    ['an image', IMAGE_ROWS, {
      progress: 40, size: 2 ** 20, source: 'http://x'
    }, ['40%', '1 MiB', 'http://x']],
    ['a network', NETWORK, {
      vlan: 7, networkType: 'L2VlanNetwork', clusterNetwork: 'mgmt'
    }, ['7', 'L2VlanNetwork', 'mgmt', '']],
    ['a network without VLAN', NETWORK, { vlan: 0 }, ['', '', '', '']],
    ['a load balancer', LOAD_BALANCER, { addresses: ['10.0.0.9'], workloadType: 'vm' }, ['10.0.0.9', 'vm', '', '']],
    ['a backup', BACKUP, {
      backupType: 'backup', machine: 'web', progress: 100
    }, ['backup', 'web', '100%']],
  ] as [string, FleetKind, Record<string, unknown>, string[]][])('says of %s', (_reason, kind, fields, want) => {
    expect(kind.cells.map(({ text }) => text(row(fields)))).toStrictEqual(want);
  });
});
