/** A snapshot of one volume, from which another can be made. */
import { named } from '../action/choice';
import { choice, name, optional, type Fields } from '../action/form';
import { volumeSnapshotVerbs, type VolumeSnapshotRestoreInput } from '../api/actions.generated';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import { bytes, parse } from '../display/quantity';
import type { Kind } from '../kind/kind';
import type { FleetKind } from '../fleet/kind';
import { SNAPSHOT_ROWS } from './rows';

export interface Snapshot extends Resource {
  spec: { source?: { persistentVolumeClaimName?: string }; volumeSnapshotClassName?: string };
  status?: { readyToUse?: boolean; restoreSize?: string; error?: { message?: string } };
}

export function sizeOf({ status }: Snapshot): string {
  const size = parse(status?.restoreSize);

  return size ? bytes(size) : '';
}

const restore: Fields<VolumeSnapshotRestoreInput> = { name: name(), storageClassName: optional(choice(named(TYPE.storageClass))) };

export const SNAPSHOT: Kind<Snapshot> = {
  word:       'snapshot',
  page:       'snapshots',
  rows:       SNAPSHOT_ROWS as unknown as FleetKind,
  type:       TYPE.snapshot,
  namespaced: true,
  cells:      [
    {
      name: 'source', text: ({ spec }) => spec.source?.persistentVolumeClaimName ?? '', sort: 'spec.source.persistentVolumeClaimName', long: true
    },
    {
      name: 'size', text: sizeOf, number: true
    },
    { name: 'snapshotClass', text: ({ spec }) => spec.volumeSnapshotClassName ?? '' },
    {
      name: 'error', text: ({ status }) => status?.error?.message ?? '', long: true
    },
  ],
  verbs: volumeSnapshotVerbs,
  forms: { restore },
};
