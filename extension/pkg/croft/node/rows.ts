/** Hosts as the hub lists them over all sites. */
import { bytes } from '../display/quantity';
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface NodeRow extends FleetRow {
  roles?: string;
  /** Cores that machines may use. */
  cpu: number;
  /** Bytes that machines may use. */
  memory: number;
  addresses?: string[];
  version?: string;
}

export const NODE_ROWS: FleetKind<NodeRow> = {
  word:       'node',
  plural:     'nodes',
  page:       'nodes',
  namespaced: false,
  cells:      [
    { name: 'roles', text: ({ roles = '' }) => roles },
    {
      name: 'cpu', text: ({ cpu }) => cpu ? String(cpu) : '', number: true
    },
    {
      name: 'memory', text: ({ memory }) => memory ? bytes(memory) : '', number: true
    },
    { name: 'addresses', text: ({ addresses = [] }) => addresses.join(', ') },
    { name: 'version', text: ({ version = '' }) => version },
  ],
};
