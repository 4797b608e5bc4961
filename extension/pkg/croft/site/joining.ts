/** How a site comes and goes: its cluster is imported into the hub as any is into Rancher, and leaves when that is deleted. */
import { ApiError, request } from '../api/client';
import type { Collection, Resource } from '../api/steve';
import { HUB_TYPE, rancher } from '../api/urls';

/** An imported cluster; `clusterName` is the id by which everything else knows it. */
export interface Cluster extends Resource {
  status?: { clusterName?: string; ready?: boolean };
}

/** What is to be done at the site, in words to copy. Empty until the hub has made its token. */
export interface Registration {
  command?: string;
  /** For a hub whose certificate the site's machine does not trust. */
  insecureCommand?: string;
}

/** Where Rancher keeps clusters that were imported. */
export const WORKSPACE = 'fleet-default';

/** The cluster to POST: its label says that it is one of machines, so that the hub looks after it from the beginning. */
export function newCluster(name: string): Cluster & { spec: object } {
  return {
    type:     HUB_TYPE.cluster,
    metadata: {
      namespace: WORKSPACE, name, labels: { 'provider.cattle.io': 'harvester' }
    },
    spec: {},
  };
}

export function importSite(name: string): Promise<void> {
  return request<void>(rancher.clusters(), { method: 'POST', body: newCluster(name) });
}

/** The id of a cluster that was imported under a name; empty until the hub has given it one. */
export async function idOf(name: string, signal?: AbortSignal): Promise<string> {
  const { status } = await request<Cluster>(rancher.cluster(WORKSPACE, name), { signal });

  return status?.clusterName ?? '';
}

/** The cluster behind a site, where the caller may see it. */
export async function clusterOf(site: string, signal?: AbortSignal): Promise<Cluster | undefined> {
  const { data } = await request<Collection<Cluster>>(rancher.clusters({ filter: `status.clusterName=${ site }` }), { signal });

  return data.find(({ status }) => status?.clusterName === site);
}

/** How the site is registered; nothing where that is not the caller's to see. */
export async function registrationOf(site: string, signal?: AbortSignal): Promise<Registration | undefined> {
  try {
    return await request<Registration>(rancher.registration(site), { signal });
  } catch (e) {
    if (e instanceof ApiError && (e.status === 403 || e.status === 404)) {
      return undefined;
    }
    throw e;
  }
}

/** Has the site leave: the hub forgets it, and takes its agent from there if it can be reached. */
export async function leave(cluster: Cluster): Promise<void> {
  const { namespace = '', name } = cluster.metadata;

  await request<void>(rancher.cluster(namespace, name), { method: 'DELETE' });
}
