/** Which sites a credential can be of. */
import type { Site } from '../api/fleet';
import { asApiError, request } from '../api/client';
import type { Collection, Resource } from '../api/steve';
import { rancher } from '../api/urls';
import { allSites } from '../site/all';

export interface Cluster extends Resource {
  status?: { clusterName?: string; ready?: boolean };
}

/** The label by which Rancher knows a cluster of machines. */
const OF_MACHINES = 'metadata.labels[provider.cattle.io]=harvester';
const MOST = 1_000;

/** An imported cluster as a site. One that Rancher has not named yet is none. */
export function siteOf({ metadata, status }: Cluster): Site[] {
  return status?.clusterName ? [{
    metadata, id: status.clusterName, name: metadata.name, conditions: [{ type: 'Connected', status: status.ready ? 'True' : 'False' }]
  }] : [];
}

/** Every site that the caller may see; where no hub answers, the clusters that Rancher has imported as such. */
export async function sitesToChoose(): Promise<Site[]> {
  try {
    return await allSites();
  } catch (e) {
    if (![403, 404].includes(asApiError(e).status)) {
      throw e;
    }

    const query = {
      filter: OF_MACHINES, sort: 'metadata.name', page: '1', pagesize: String(MOST)
    };

    return (await request<Collection<Cluster>>(rancher.clusters(query))).data.flatMap(siteOf);
  }
}
