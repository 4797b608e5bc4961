/** Volumes as the hub lists them over all sites. */
import { bytes } from '../display/quantity';
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface VolumeRow extends FleetRow {
  /** Bytes. */
  size: number;
  storageClass?: string;
  /** `namespace/name` of the machines that use it. */
  machines?: string[];
  image?: string;
}

export const VOLUME_ROWS: FleetKind<VolumeRow> = {
  word:       'volume',
  plural:     'volumes',
  page:       'volumes',
  namespaced: true,
  cells:      [
    {
      name: 'size', text: ({ size }) => size ? bytes(size) : '', number: true
    },
    {
      name: 'storageClass', text: ({ storageClass = '' }) => storageClass, long: true
    },
    {
      name: 'machines', text: ({ machines = [] }) => machines.join(', '), long: true
    },
    {
      name: 'image', text: ({ image = '' }) => image, long: true
    },
  ],
};
