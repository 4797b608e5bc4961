/** Storage classes as the hub lists them over all sites. */
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface StorageClassRow extends FleetRow {
  provisioner?: string;
  reclaimPolicy?: string;
  bindingMode?: string;
}

export const STORAGE_CLASS_ROWS: FleetKind<StorageClassRow> = {
  word:       'storageclass',
  plural:     'storageclasses',
  page:       'storageclasses',
  namespaced: false,
  cells:      [
    { name: 'provisioner', text: ({ provisioner = '' }) => provisioner },
    { name: 'reclaimPolicy', text: ({ reclaimPolicy = '' }) => reclaimPolicy },
    { name: 'bindingMode', text: ({ bindingMode = '' }) => bindingMode },
  ],
};
