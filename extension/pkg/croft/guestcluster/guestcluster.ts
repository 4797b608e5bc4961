/** Kubernetes clusters whose nodes are machines of sites: the hub has them, and knows which machine is whose. */
import type { FleetKind, FleetRow } from '../fleet/kind';
import type { Sentence } from '../display/sentence';
import { to, toMachine, type Location } from '../pages';

export interface GuestClusterRow extends FleetRow {
  kubernetesVersion?: string;
  pools?: string[];
  drivers?: string[];
  nodesWanted?: number;
}

/** A machine behind a node, or one that only says so. */
export interface GuestMachine {
  /** `site/namespace/name`. */
  id: string;
  name: string;
  site: string;
  siteName: string;
  stale: boolean;
  state: string;
  addresses?: string[];
}

/** A node as Rancher has it. */
export interface GuestNode {
  id: string;
  name: string;
  state: string;
  reason?: string;
  roles: string[];
  /** The name that its machine has. */
  machine: string;
  nodeName?: string;
  /** Missing where there is none, or where the reader may not see it. */
  at: GuestMachine | null;
}

export interface GuestCounts {
  wanted: number;
  nodes: number;
  ready: number;
  machines: number;
  running: number;
}

export interface GuestPool {
  name: string;
  roles: string[];
  /** The autoscaler's bounds. */
  min?: number;
  max?: number;
  /** The cluster has no such pool any more. */
  gone?: boolean;
  nodes: GuestNode[];
  strays: GuestMachine[];
  counts: GuestCounts;
}

/** A cluster with its pools, nodes and machines. */
export interface GuestView {
  pools: GuestPool[];
  sites: { id: string; name: string; machines: number }[] | null;
  counts: GuestCounts;
}

const list = (words: string[] = []) => words.join(', ');

export const GUEST_CLUSTER: FleetKind<GuestClusterRow> = {
  word:       'guestcluster',
  plural:     'guestclusters',
  page:       'guestclusters',
  namespaced: true,
  cells:      [
    { name: 'pools', text: ({ pools }) => list(pools) },
    {
      name: 'nodesWanted', text: ({ nodesWanted }) => nodesWanted === undefined ? '' : String(nodesWanted), number: true
    },
    { name: 'drivers', text: ({ drivers }) => list(drivers) },
    { name: 'kubernetesVersion', text: ({ kubernetesVersion = '' }) => kubernetesVersion },
  ],
  own: ({ namespace, name }) => to('guestclusters-cluster', { namespace, name }),
};

/** Where a machine's own page is. */
export function machinePage({ id, site }: GuestMachine): Location {
  const [namespace, name] = id.slice(site.length + 1).split('/');

  return toMachine(site, namespace, name);
}

/** The machines that say that they are of a cluster, at a site or at all of them. */
export function machinesOf(cluster: string, site = ''): Location {
  return to('virtualmachines', {}, { f: `guestCluster:${ cluster }`, ...(site ? { site } : {}) });
}

/** What is between a pool's wish and what there is, in a sentence. */
export function poolSays({
  counts, min, max, gone
}: GuestPool): Sentence[] {
  const said: Sentence[] = [{ key: 'croft.guestcluster.counts', args: { ...counts } }];

  if (min !== undefined && max !== undefined && max > 0) {
    said.push({ key: 'croft.guestcluster.scaled', args: { min, max } });
  }

  return gone ? [{ key: 'croft.guestcluster.gone' }, ...said] : said;
}
