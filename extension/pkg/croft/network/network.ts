/** What machines are attached to, over all sites. */
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface NetworkRow extends FleetRow {
  /** 0 where there is none. */
  vlan: number;
  networkType?: string;
  clusterNetwork?: string;
  plugin?: string;
}

export const NETWORK: FleetKind<NetworkRow> = {
  word:       'network',
  plural:     'networks',
  page:       'networks',
  namespaced: true,
  cells:      [
    {
      name: 'vlan', text: ({ vlan }) => vlan ? String(vlan) : '', number: true
    },
    { name: 'networkType', text: ({ networkType = '' }) => networkType },
    { name: 'clusterNetwork', text: ({ clusterNetwork = '' }) => clusterNetwork },
    { name: 'plugin', text: ({ plugin = '' }) => plugin },
  ],
};
