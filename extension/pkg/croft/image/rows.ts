/** Images as the hub lists them over all sites. */
import { bytes } from '../display/quantity';
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface ImageRow extends FleetRow {
  displayName?: string;
  /** Percent. */
  progress: number;
  /** Bytes; 0 while it is unknown. */
  size: number;
  source?: string;
}

export const IMAGE_ROWS: FleetKind<ImageRow> = {
  word:       'image',
  plural:     'images',
  page:       'images',
  namespaced: true,
  title:      'displayName',
  cells:      [
    {
      name: 'progress', text: ({ progress = 0 }) => `${ progress }%`, number: true
    },
    {
      name: 'size', text: ({ size }) => size ? bytes(size) : '', number: true
    },
    {
      name: 'source', text: ({ source = '' }) => source, long: true
    },
  ],
};
