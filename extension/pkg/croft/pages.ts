/** The pages by name, and how to link to them. */

export const PRODUCT = 'croft';
/** The dashboard's word for a page that belongs to no one cluster. */
export const CLUSTER = '_';

/** What the product's menu lists, in its order. */
export const PAGES = [
  'overview', 'virtualmachines', 'bulkoperations', 'guestclusters', 'sites', 'nodes', 'images', 'volumes', 'snapshots', 'backups', 'storageclasses', 'networks', 'loadbalancers', 'templates', 'keypairs', 'cloudconfigs', 'quotas', 'credentials', 'settings',
] as const;

export type Page = typeof PAGES[number] | 'virtualmachines-create' | 'virtualmachines-machine' | 'virtualmachines-edit' | 'bulkoperations-operation' | 'guestclusters-cluster' | 'sites-site' | 'virtualmachines-window';

export interface Location {
  name: string;
  params: Record<string, string>;
  query?: Record<string, string>;
  hash?: string;
}

export function to(page: Page, params: Record<string, string> = {}, query?: Record<string, string>): Location {
  return {
    name:   `${ PRODUCT }-c-cluster-${ page }`,
    params: {
      product: PRODUCT, cluster: CLUSTER, ...params
    },
    ...(query ? { query } : {}),
  };
}

/** A machine's page, open at the given tab. */
export function toMachine(site: string, namespace: string, name: string, tab = ''): Location {
  return {
    ...to('virtualmachines-machine', {
      site, namespace, name
    }),
    ...(tab ? { hash: `#${ tab }` } : {})
  };
}

/** The form of a machine that is there. */
export function toEdit(site: string, namespace: string, name: string): Location {
  return to('virtualmachines-edit', {
    site, namespace, name
  });
}

/** A console of a machine in a window of its own. */
export function toWindow(site: string, namespace: string, name: string, console: string): Location {
  return to('virtualmachines-window', {
    site, namespace, name, console
  });
}

/** Rancher's own pages, below Cluster Management, where clusters are made. */
export const MANAGER = {
  product: 'manager', clusters: 'provisioning.cattle.io.cluster', credentials: 'c-cluster-manager-cloudCredential'
};

/** Rancher's page for another cluster whose nodes are machines of sites. */
export function toNewCluster(driver: string): Location {
  return {
    name:   'c-cluster-product-resource-create',
    params: {
      cluster: CLUSTER, product: MANAGER.product, resource: MANAGER.clusters
    },
    query: { type: driver }
  };
}

/** Rancher's page of a cluster. */
export function toCluster(namespace: string, id: string): Location {
  return {
    name:   'c-cluster-product-resource-namespace-id',
    params: {
      cluster: CLUSTER, product: MANAGER.product, resource: MANAGER.clusters, namespace, id
    }
  };
}

export function toCredentials(): Location {
  return { name: MANAGER.credentials, params: { cluster: CLUSTER } };
}
