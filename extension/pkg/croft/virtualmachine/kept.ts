/** What is kept of a machine: snapshots of its volumes at its site, and backups of the whole of it. */
import type { BackupRow } from '../backup/backup';
import { request } from '../api/client';
import type { InstanceSpec } from '../api/kubevirt';
import type { Collection } from '../api/steve';
import { fleet, site as siteUrls, TYPE } from '../api/urls';
import type { Target } from '../action/target';
import type { Snapshot } from '../snapshot/snapshot';
import { disks } from './machine';

export interface Kept {
  /** The latest first. */
  snapshots: Snapshot[];
  backups: BackupRow[];
}

/** The claims that the machine has as disks. */
export function claimsOf(spec: InstanceSpec): string[] {
  return disks(spec).filter(({ kind }) => kind === 'claim').map(({ source }) => source);
}

/** The snapshots of these claims, the latest first. */
export function ofClaims(snapshots: Snapshot[], claims: string[]): Snapshot[] {
  return snapshots
    .filter(({ spec }) => claims.includes(spec.source?.persistentVolumeClaimName ?? ''))
    .sort((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''));
}

export async function fetchKept({ site, namespace, name }: Target, claims: string[], signal: AbortSignal): Promise<Kept> {
  const of = new URLSearchParams([['site', site], ['filter', `namespace=${ namespace }`], ['filter', `machine=${ name }`], ['sort', '-created']]);
  const [snapshots, backups] = await Promise.all([
    request<Collection<Snapshot>>(siteUrls(site).list(TYPE.snapshot, { filter: `metadata.namespace=${ namespace }` }), { signal }),
    request<Collection<BackupRow>>(fleet.rows('backups', of), { signal }),
  ]);

  return { snapshots: ofClaims(snapshots.data, claims), backups: backups.data };
}
