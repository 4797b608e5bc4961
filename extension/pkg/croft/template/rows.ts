/** Templates as the hub lists them over all sites. */
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface TemplateRow extends FleetRow {
  /** 0 while there is none. */
  defaultVersion: number;
  latestVersion: number;
  description?: string;
}

export const TEMPLATE_ROWS: FleetKind<TemplateRow> = {
  word:       'template',
  plural:     'templates',
  page:       'templates',
  namespaced: true,
  cells:      [
    {
      name: 'defaultVersion', text: ({ defaultVersion }) => defaultVersion ? String(defaultVersion) : '', number: true
    },
    {
      name: 'latestVersion', text: ({ latestVersion }) => latestVersion ? String(latestVersion) : '', number: true
    },
    {
      name: 'description', text: ({ description = '' }) => description, long: true
    },
  ],
};
