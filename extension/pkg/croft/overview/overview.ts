/** What the overview tells: how machines are, what of every site is taken, and what a person has to look at. */
import type { Capacity, Site } from '../api/fleet';
import type { Sentence } from '../display/sentence';
import { to, type Location } from '../pages';
import { isConnected, nameOf, unlessConnected } from '../site/freshness';

export interface Summed {
  count: number;
  states: Record<string, number>;
}

/** How many rows there are of each type, in all and at each site. */
export type Counts = Record<string, { summary: Summed; sites: Record<string, Summed> }>;

/** States that a reader tells apart at a glance. */
export const KINDS = ['running', 'stopped', 'moving', 'wrong'] as const;
export type StateKind = typeof KINDS[number];

const WRONG = /error|fail|crash|backoff|unschedulable|lost|unknown/i;

export function kindOf(state: string): StateKind {
  if (WRONG.test(state)) {
    return 'wrong';
  }
  if (/^running$/i.test(state)) {
    return 'running';
  }

  return /^(stopped|paused)$/i.test(state) ? 'stopped' : 'moving';
}

export function byKind(states: Record<string, number>): Record<StateKind, number> {
  const sums = {
    running: 0, stopped: 0, moving: 0, wrong: 0
  };

  Object.entries(states).forEach(([state, count]) => {
    sums[kindOf(state)] += count;
  });

  return sums;
}

/**
 * How many machines of a site the reader sees, and how many of them run: counted among the rows, as everywhere else on the
 * page. The site's own figures come some seconds later. Who may list none is told none.
 */
export function machinesOf(site: Site, counts?: Counts): { all: number; running: number } | undefined {
  const mine = counts?.virtualmachine?.sites[site.id];

  if (!counts || (!mine && site.machines === undefined)) {
    return undefined;
  }

  return { all: mine?.count ?? 0, running: byKind(mine?.states ?? {}).running };
}

export interface Bar {
  id: string;
  name: string;
  kinds: Record<StateKind, number>;
}

/** The sites with the most machines, each with how its machines are. */
export function bars(counts: Counts, sites: Site[], most: number): Bar[] {
  const machines = counts.virtualmachine?.sites ?? {};

  return sites
    .map((site) => ({ site, of: machines[site.id] ?? { count: 0, states: {} } }))
    .sort((a, b) => b.of.count - a.of.count || nameOf(a.site).localeCompare(nameOf(b.site)))
    .slice(0, most)
    .map(({ site, of }) => ({
      id: site.id, name: nameOf(site), kinds: byKind(of.states)
    }));
}

export const RESOURCES = ['cpu', 'memory', 'storage'] as const;
export type ResourceName = typeof RESOURCES[number];

/** What all sites have together, as far as they tell. */
export function total(sites: Site[], resource: ResourceName): Capacity {
  return sites.reduce<Capacity>((sum, site) => {
    const { capacity = 0, requested = 0, used = 0 } = site[resource] ?? {};

    return {
      capacity: sum.capacity + capacity, requested: sum.requested + requested, used: (sum.used ?? 0) + used
    };
  }, {
    capacity: 0, requested: 0, used: 0
  });
}

/** A share in percent; nothing where it is not known of what. */
export function share(part: number | undefined, whole: number): number | undefined {
  return whole > 0 && part !== undefined ? Math.round(100 * part / whole) : undefined;
}

/** The same in words. A site that does not measure what is used says 0, and nothing is told of it. */
export function taken({ capacity, requested, used }: Capacity, show: (n: number) => string): Sentence {
  if (!capacity) {
    return { key: 'croft.overview.unknown' };
  }

  const args = { requested: show(requested), capacity: show(capacity) };

  return used ? { key: 'croft.overview.share', args: { ...args, used: show(used) } } : { key: 'croft.overview.requested', args };
}

export interface Region {
  /** Empty for sites that say none. */
  name: string;
  sites: Site[];
}

/** Sites by region, those without one last. */
export function regions(sites: Site[]): Region[] {
  const names = [...new Set(sites.map(({ region = '' }) => region))].sort((a, b) => Number(!a) - Number(!b) || a.localeCompare(b));

  return names.map((name) => ({ name, sites: sites.filter(({ region = '' }) => region === name) }));
}

export interface Concern {
  key: string;
  sentence: Sentence;
  where: Location;
}

/** What is wrong with objects at sites, by the states of their rows. */
const TROUBLES: [type: string, state: string, key: string][] = [
  ['virtualmachine', 'ErrorUnschedulable', 'unschedulable'],
  ['virtualmachine', 'CrashLoopBackOff', 'crashing'],
  ['virtualmachine', 'DataVolumeError', 'diskFailed'],
  ['virtualmachine', 'ErrorPvcNotFound', 'diskMissing'],
  ['image', 'Failed', 'importFailed'],
  ['volume', 'Lost', 'volumeLost'],
  ['backup', 'Failed', 'backupFailed'],
  ['node', 'NotReady', 'nodeNotReady'],
];
const PAGE = {
  virtualmachine: 'virtualmachines', image: 'images', volume: 'volumes', backup: 'backups', node: 'nodes'
} as const;

function ofObjects(counts: Counts, site: Site): Concern[] {
  return TROUBLES.flatMap(([type, state, key]) => {
    const count = counts[type]?.sites[site.id]?.states[state] ?? 0;
    const query = { site: site.id, ...(type === 'virtualmachine' ? { state } : {}) };

    return count ? [{
      key: `${ site.id } ${ type } ${ state }`, sentence: { key: `croft.overview.concern.${ key }`, args: { count, site: nameOf(site) } }, where: to(PAGE[type as keyof typeof PAGE], {}, query)
    }] : [];
  });
}

function ofSite(site: Site, now: number): Concern[] {
  const where = to('sites');

  if (!isConnected(site)) {
    const sentence = unlessConnected({
      name: nameOf(site), connected: false, lastHeard: site.lastHeard ?? ''
    }, now);

    return sentence ? [{
      key: `${ site.id } away`, sentence, where
    }] : [];
  }

  const told = (type: string, bad: string) => site.conditions?.filter((c) => c.type === type && c.status === bad) ?? [];

  return [...told('Healthy', 'False'), ...told('CredentialsExpiring', 'True'), ...told('VersionSupported', 'False')].map((c) => ({
    key: `${ site.id } ${ c.type }`, sentence: { text: `${ nameOf(site) }: ${ c.message ?? c.reason ?? c.type }` }, where
  }));
}

/** What a person has to look at now, the sites themselves first. */
export function concerns(sites: Site[], counts: Counts, now: number): Concern[] {
  return [...sites.flatMap((site) => ofSite(site, now)), ...sites.flatMap((site) => ofObjects(counts, site))];
}
