/** Snapshots of volumes as the hub lists them over all sites. */
import { bytes } from '../display/quantity';
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface SnapshotRow extends FleetRow {
  volume?: string;
  /** Bytes; 0 while it is unknown. */
  size: number;
  snapshotClass?: string;
}

export const SNAPSHOT_ROWS: FleetKind<SnapshotRow> = {
  word:       'snapshot',
  plural:     'snapshots',
  page:       'snapshots',
  namespaced: true,
  cells:      [
    {
      name: 'volume', text: ({ volume = '' }) => volume, long: true
    },
    {
      name: 'size', text: ({ size }) => size ? bytes(size) : '', number: true
    },
    { name: 'snapshotClass', text: ({ snapshotClass = '' }) => snapshotClass },
  ],
};
