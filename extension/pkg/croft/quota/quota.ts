/** How much space the snapshots of a namespace may take. */
import { named } from '../action/choice';
import { choice, quantity, type Values } from '../action/form';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import { bytes, parse } from '../display/quantity';
import type { Kind } from '../kind/kind';

export interface Quota extends Resource {
  spec?: { snapshotLimit?: { namespaceTotalSnapshotSizeQuota?: number; vmTotalSnapshotSizeQuota?: Record<string, number> } };
  status?: { snapshotLimitStatus?: { namespaceTotalSnapshotSizeUsage?: number } };
}

/** A namespace has one quota, and its name is given. */
const NAME = 'default-resource-quota';

export function machinesOf({ spec }: Quota): string {
  return Object.entries(spec?.snapshotLimit?.vmTotalSnapshotSizeQuota ?? {}).map(([vm, limit]) => `${ vm }: ${ bytes(limit) }`).join(', ');
}

export function limited(quota: Quota, limit: string): Quota {
  return { ...quota, spec: { ...quota.spec, snapshotLimit: { ...quota.spec?.snapshotLimit, namespaceTotalSnapshotSizeQuota: parse(limit.trim()) } } };
}

export function newQuota(values: Values): Quota {
  return limited({
    type: TYPE.quota, apiVersion: 'harvesterhci.io/v1beta1', kind: 'ResourceQuota', metadata: { namespace: String(values.namespace), name: NAME }
  }, String(values.namespaceTotalSnapshotSizeQuota));
}

function shown(size: number | undefined): string {
  return size ? bytes(size) : '';
}

export const QUOTA: Kind<Quota> = {
  word:       'quota',
  page:       'quotas',
  type:       TYPE.quota,
  namespaced: true,
  cells:      [
    {
      name: 'limit', text: ({ spec }) => shown(spec?.snapshotLimit?.namespaceTotalSnapshotSizeQuota), number: true
    },
    {
      name: 'used', text: ({ status }) => shown(status?.snapshotLimitStatus?.namespaceTotalSnapshotSizeUsage), number: true
    },
    { name: 'machines', text: machinesOf },
  ],
  verbs:  [],
  create: {
    fields: { namespace: choice(named(TYPE.namespace), 'default'), namespaceTotalSnapshotSizeQuota: quantity('100Gi') },
    object: (_random, values) => newQuota(values),
  },
  edit: {
    fields: { namespaceTotalSnapshotSizeQuota: quantity() },
    values: ({ spec }) => ({ namespaceTotalSnapshotSizeQuota: String(spec?.snapshotLimit?.namespaceTotalSnapshotSizeQuota ?? '') }),
    object: (quota, values) => limited(quota, String(values.namespaceTotalSnapshotSizeQuota)),
  },
};
