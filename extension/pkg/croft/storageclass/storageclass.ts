/** A storage class of a site: what volumes are made of. */
import { words } from '../action/choice';
import {
  choice, name, number, text, yesNo, type Values
} from '../action/form';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import type { Kind } from '../kind/kind';
import type { FleetKind } from '../fleet/kind';
import { STORAGE_CLASS_ROWS } from './rows';

export interface StorageClass extends Resource {
  provisioner: string;
  parameters?: Record<string, string>;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

const DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const LONGHORN = 'driver.longhorn.io';

export function isDefault({ metadata }: StorageClass): boolean {
  return metadata.annotations?.[DEFAULT] === 'true';
}

/** What Longhorn wants to be told; other drivers have words of their own, which their pages name. */
function parametersOf(values: Values): Record<string, string> | undefined {
  return values.provisioner === LONGHORN ? {
    numberOfReplicas: String(values.numberOfReplicas), staleReplicaTimeout: '30', migratable: 'true'
  } : undefined;
}

/** The class to POST. */
export function newStorageClass(values: Values): StorageClass {
  const parameters = parametersOf(values);

  return {
    type:                 TYPE.storageClass,
    apiVersion:           'storage.k8s.io/v1',
    kind:                 'StorageClass',
    metadata:             { name: String(values.name).trim() },
    provisioner:          String(values.provisioner).trim(),
    reclaimPolicy:        String(values.reclaimPolicy),
    volumeBindingMode:    String(values.volumeBindingMode),
    allowVolumeExpansion: true,
    ...(parameters ? { parameters } : {}),
  };
}

export function withDefault(of: StorageClass, on: boolean): StorageClass {
  return { ...of, metadata: { ...of.metadata, annotations: { ...of.metadata.annotations, [DEFAULT]: String(on) } } };
}

export const STORAGE_CLASS: Kind<StorageClass> = {
  word:       'storageclass',
  page:       'storageclasses',
  rows:       STORAGE_CLASS_ROWS as unknown as FleetKind,
  type:       TYPE.storageClass,
  namespaced: false,
  cells:      [
    { name: 'default', text: (of) => isDefault(of) ? '✓' : '' },
    {
      name: 'provisioner', text: ({ provisioner }) => provisioner, sort: 'provisioner'
    },
    {
      name: 'replicas', text: ({ parameters }) => parameters?.numberOfReplicas ?? '', number: true
    },
    { name: 'reclaimPolicy', text: ({ reclaimPolicy }) => reclaimPolicy ?? '' },
    { name: 'binding', text: ({ volumeBindingMode }) => volumeBindingMode ?? '' },
  ],
  verbs:  [],
  create: {
    fields: {
      name: name(), provisioner: text(LONGHORN), numberOfReplicas: number(1, 3), reclaimPolicy: choice(words('Delete', 'Retain'), 'Delete'), volumeBindingMode: choice(words('Immediate', 'WaitForFirstConsumer'), 'Immediate'),
    },
    object: (_random, values) => newStorageClass(values),
  },
  edit: {
    fields: { isDefault: yesNo() },
    values: (of) => ({ isDefault: isDefault(of) }),
    object: (of, { isDefault: on }) => withDefault(of, on === true),
  },
};
