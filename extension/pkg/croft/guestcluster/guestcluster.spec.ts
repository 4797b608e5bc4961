import { asked, columnsOf, listingOf, sortsOf } from '../fleet/kind';
import { fromRoute } from '../table/view';
import {
  GUEST_CLUSTER, machinePage, machinesOf, poolSays, type GuestClusterRow, type GuestMachine, type GuestPool
} from './guestcluster';

const counts = {
  wanted: 3, nodes: 2, ready: 1, machines: 2, running: 2
};
const pool = (change: Partial<GuestPool> = {}): GuestPool => ({
  name: 'workers', roles: ['worker'], nodes: [], strays: [], counts, ...change
});

describe('guest clusters', () => {
  it('are the hub’s own, so that no site narrows or orders them', () => {
    const { url } = asked(GUEST_CLUSTER, fromRoute({}, sortsOf(GUEST_CLUSTER)));

    expect(decodeURIComponent(url)).toBe('/v1/croft/guestclusters?page=1&pagesize=50&sort=name,namespace');
    expect(columnsOf(GUEST_CLUSTER).map(({ name }) => name)).toStrictEqual(['state', 'name', 'namespace', 'pools', 'nodesWanted', 'drivers', 'kubernetesVersion', 'created']);
  });

  it('lead to their pages', () => {
    const row = {
      id: '_hub/fleet-default/prod', site: '_hub', namespace: 'fleet-default', name: 'prod', state: 'Active', metadata: {}, pools: ['a', 'b'], nodesWanted: 0
    } as unknown as GuestClusterRow;
    const shown = listingOf(GUEST_CLUSTER, false).shown(row);

    expect(shown).toMatchObject({
      title: 'prod', namespace: 'fleet-default', link: { params: { namespace: 'fleet-default', name: 'prod' } }
    });
    expect(shown.site).toBeUndefined();
    expect(GUEST_CLUSTER.cells.map(({ text }) => text(row))).toStrictEqual(['a, b', '0', '', '']);
  });

  it('lead to their machines, at their sites', () => {
    expect(machinePage({ id: 'c-m-1/guests/prod-1', site: 'c-m-1' } as GuestMachine).params).toMatchObject({
      site: 'c-m-1', namespace: 'guests', name: 'prod-1'
    });
    expect([machinesOf('prod').query, machinesOf('prod', 'c-m-1').query]).toStrictEqual([{ f: 'guestCluster:prod' }, { f: 'guestCluster:prod', site: 'c-m-1' }]);
  });

  it.each([
    ['what there is', pool(), ['counts']],
    ['what the autoscaler may', pool({ min: 1, max: 5 }), ['counts', 'scaled']],
    ['nothing of an autoscaler that has no bounds', pool({ min: 0, max: 0 }), ['counts']],
    ['that the cluster has it no more', pool({ gone: true }), ['gone', 'counts']],
  ])('say of a pool %s', (_reason, of, want) => {
    expect(poolSays(of).map((sentence) => 'key' in sentence && sentence.key)).toStrictEqual(want.map((key) => `croft.guestcluster.${ key }`));
  });
});
