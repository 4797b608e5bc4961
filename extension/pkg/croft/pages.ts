/** The pages by name, and how to link to them. */

export const PRODUCT = 'croft';
/** The dashboard's word for a page that belongs to no one cluster. */
export const CLUSTER = '_';

/** What the product's menu lists, in its order. */
export const PAGES = [
  'overview', 'virtualmachines', 'bulkoperations', 'sites', 'nodes', 'images', 'volumes', 'snapshots', 'backups', 'storageclasses', 'networks', 'loadbalancers', 'templates', 'keypairs', 'cloudconfigs', 'quotas', 'credentials', 'settings',
] as const;

export type Page = typeof PAGES[number] | 'virtualmachines-create' | 'virtualmachines-machine' | 'bulkoperations-operation';

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
