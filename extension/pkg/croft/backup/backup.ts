/** What is kept of machines: backups, which leave their site, and snapshots, which stay. */
import type { FleetKind, FleetRow } from '../fleet/kind';

export interface BackupRow extends FleetRow {
  backupType?: string;
  machine?: string;
  /** Percent. */
  progress: number;
}

export const BACKUP: FleetKind<BackupRow> = {
  word:       'backup',
  plural:     'backups',
  page:       'backups',
  namespaced: true,
  cells:      [
    { name: 'backupType', text: ({ backupType = '' }) => backupType },
    {
      name: 'machine', text: ({ machine = '' }) => machine, long: true
    },
    {
      name: 'progress', text: ({ progress = 0 }) => `${ progress }%`, number: true
    },
  ],
};
