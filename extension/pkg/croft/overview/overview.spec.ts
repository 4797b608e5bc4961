import type { Site } from '../api/fleet';
import {
  bars, byKind, concerns, kindOf, machinesOf, regions, share, taken, total, type Counts
} from './overview';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const site = (id: string, change: Partial<Site> = {}): Site => ({
  id, name: id, metadata: { name: id }, lastHeard: '2026-03-01T11:55:00Z', conditions: [{ type: 'Connected', status: 'True' }], ...change
});
const counts = (sites: Record<string, Record<string, number>>, type = 'virtualmachine'): Counts => ({
  [type]: {
    summary: { count: 0, states: {} },
    sites:   Object.fromEntries(Object.entries(sites).map(([id, states]) => [id, { states, count: Object.values(states).reduce((a, b) => a + b, 0) }]))
  }
});

describe('machines', () => {
  it.each([
    ['Running', 'running'], ['Paused', 'stopped'], ['Migrating', 'moving'], ['ErrorUnschedulable', 'wrong'], ['CrashLoopBackOff', 'wrong'], ['', 'moving'],
  ])('that are %p are told apart as %p', (state, want) => {
    expect(kindOf(state)).toBe(want);
  });

  it.each([
    ['of the rows, whatever the site says of itself', site('a', { machines: 0, machinesRunning: 0 }), counts({ a: { Running: 2, Stopped: 1 } }), { all: 3, running: 2 }],
    ['as none, where the site has none', site('a', { machines: 0 }), counts({ b: { Running: 2 } }), { all: 0, running: 0 }],
    ['as those of his namespaces, where the reader may not see the whole site', site('a'), counts({ a: { Running: 1 } }), { all: 1, running: 1 }],
    ['not at all, where the reader may list none', site('a'), counts({}), undefined],
    ['not before the rows have been counted', site('a', { machines: 5 }), undefined, undefined],
  ])('are told of a site %s', (_, of, counted, want) => {
    expect(machinesOf(of, counted)).toStrictEqual(want);
  });

  it('are counted at the sites that have most', () => {
    const found = bars(counts({ a: { Running: 1 }, b: { Running: 3, Stopped: 2 } }), [site('a'), site('b'), site('c')], 2);

    expect(found.map(({ id, kinds }) => [id, kinds])).toStrictEqual([['b', byKind({ Running: 3, Stopped: 2 })], ['a', byKind({ Running: 1 })]]);
  });
});

describe('capacity', () => {
  it('is added up, as far as sites tell', () => {
    const sites = [site('a', {
      cpu: {
        capacity: 8, requested: 4, used: 1
      }
    }), site('b', { cpu: { capacity: 2, requested: 1 } }), site('c')];

    expect(total(sites, 'cpu')).toStrictEqual({
      capacity: 10, requested: 5, used: 1
    });
    expect(total(sites, 'storage')).toStrictEqual({
      capacity: 0, requested: 0, used: 0
    });
  });

  it.each([
    [1, 4, 25], [0, 4, 0], [1, 0, undefined], [undefined, 4, undefined],
  ])('%p of %p is %p percent', (part, whole, want) => {
    expect(share(part, whole)).toBe(want);
  });
});

describe('regions', () => {
  it('have their sites, those without one last', () => {
    expect(regions([site('a'), site('b', { region: 'us' }), site('c', { region: 'eu' }), site('d', { region: 'us' })]).map(({ name, sites }) => [name, sites.map(({ id }) => id)])).toStrictEqual([['eu', ['c']], ['us', ['b', 'd']], ['', ['a']]]);
    expect(regions([])).toStrictEqual([]);
  });
});

describe('what a person has to look at', () => {
  it.each([
    ['nothing where all is well', site('a'), counts({ a: { Running: 3 } }), []],
    ['a site that is away', site('a', { conditions: [{ type: 'Connected', status: 'False' }] }), {}, [{ key: 'croft.site.away', args: { site: 'a', age: '5m' } }]],
    ['what a site says against itself', site('a', {
      conditions: [{ type: 'Connected', status: 'True' }, {
        type: 'Healthy', status: 'False', message: 'Node n is not ready.'
      }, {
        type: 'CredentialsExpiring', status: 'True', message: 'AgentToken ends in 3 days.'
      }]
    }), {}, [{ text: 'a: Node n is not ready.' }, { text: 'a: AgentToken ends in 3 days.' }]],
    ['machines that cannot be placed', site('a'), counts({ a: { ErrorUnschedulable: 2 } }), [{ key: 'croft.overview.concern.unschedulable', args: { count: 2, site: 'a' } }]],
    ['imports that failed', site('a'), counts({ a: { Failed: 1 } }, 'image'), [{ key: 'croft.overview.concern.importFailed', args: { count: 1, site: 'a' } }]],
  ])('%s', (_reason, of, told, want) => {
    expect(concerns([of], told, NOW).map(({ sentence }) => sentence)).toStrictEqual(want);
  });

  it('leads to it', () => {
    expect(concerns([site('a')], counts({ a: { ErrorUnschedulable: 2 } }), NOW)[0].where).toMatchObject({ name: 'croft-c-cluster-virtualmachines', query: { site: 'a', state: 'ErrorUnschedulable' } });
  });
});

describe('what is taken', () => {
  it.each([
    ['measured', {
      capacity: 8, requested: 4, used: 2
    }, {
      key:  'croft.overview.share',
      args: {
        requested: '4', used: '2', capacity: '8'
      }
    }],
    ['not measured', {
      capacity: 8, requested: 4, used: 0
    }, { key: 'croft.overview.requested', args: { requested: '4', capacity: '8' } }],
    ['of a capacity that is not known', { capacity: 0, requested: 4 }, { key: 'croft.overview.unknown' }],
  ])('is told where it is %s', (_reason, capacity, want) => {
    expect(taken(capacity, String)).toStrictEqual(want);
  });
});
