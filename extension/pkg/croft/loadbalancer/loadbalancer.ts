/** What answers for machines or guest clusters, over all sites. */
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface LoadBalancerRow extends FleetRow {
  addresses?: string[];
  workloadType?: string;
  ipam?: string;
  description?: string;
}

export const LOAD_BALANCER: FleetKind<LoadBalancerRow> = {
  word:       'loadbalancer',
  plural:     'loadbalancers',
  page:       'loadbalancers',
  namespaced: true,
  cells:      [
    { name: 'addresses', text: ({ addresses = [] }) => addresses.join(', ') },
    { name: 'workloadType', text: ({ workloadType = '' }) => workloadType },
    { name: 'ipam', text: ({ ipam = '' }) => ipam },
    {
      name: 'description', text: ({ description = '' }) => description, long: true
    },
  ],
};
