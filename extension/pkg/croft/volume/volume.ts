/** A volume of a site: a claim, which may be a machine's disk. */
import { named, type Choices } from '../action/choice';
import {
  choice, name, optional, quantity, text, type Fields, type Values
} from '../action/form';
import {
  persistentVolumeClaimVerbs, type DataMigrationInput, type ExportInput, type PersistentVolumeClaimCloneInput, type PersistentVolumeClaimSnapshotInput
} from '../api/actions.generated';
import { request } from '../api/client';
import type { Image } from '../api/image';
import type { Collection, Resource } from '../api/steve';
import { site, TYPE } from '../api/urls';
import { bytes, parse } from '../display/quantity';
import type { Kind } from '../kind/kind';
import type { FleetKind } from '../fleet/kind';
import { VOLUME_ROWS } from './rows';

export interface Volume extends Resource {
  spec: {
    accessModes?: string[];
    volumeMode?: string;
    storageClassName?: string;
    volumeName?: string;
    resources: { requests: { storage: string } };
  };
  status?: { phase?: string; capacity?: { storage?: string } };
}

const IMAGE = 'harvesterhci.io/imageId';

export function sizeOf({ spec, status }: Volume): string {
  const size = parse(status?.capacity?.storage ?? spec.resources.requests.storage);

  return size ? bytes(size) : '';
}

/** Images with the class that is best for volumes of them. */
export const imagesWithClass: Choices = async(subject) => {
  const { data } = await request<Collection<Image>>(site(subject.site).list(TYPE.image));

  return data.filter((image) => image.status?.storageClassName).map((image) => {
    const id = `${ image.metadata.namespace }/${ image.metadata.name }`;

    return { value: `${ image.status?.storageClassName } ${ id }`, label: `${ image.spec.displayName } (${ id })` };
  });
};

/** The claim to POST: blank, or with an image's bytes. */
export function newVolume(values: Values): Volume {
  const [imageClass = '', image = ''] = String(values.imageId ?? '').split(' ');
  const storageClassName = String(values.storageClassName ?? '') || imageClass;

  return {
    type:       TYPE.volume,
    apiVersion: 'v1',
    kind:       'PersistentVolumeClaim',
    metadata:   {
      namespace: String(values.namespace), name: String(values.name).trim(), ...(image ? { annotations: { [IMAGE]: image } } : {})
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      volumeMode:  'Block',
      resources:   { requests: { storage: String(values.storage).trim() } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  };
}

export function resized(volume: Volume, storage: string): Volume {
  return { ...volume, spec: { ...volume.spec, resources: { ...volume.spec.resources, requests: { storage } } } };
}

const exporting: Fields<ExportInput> = {
  displayName: text(), namespace: optional(choice(named(TYPE.namespace))), storageClassName: optional(choice(named(TYPE.storageClass)))
};
const cloning: Fields<PersistentVolumeClaimCloneInput> = { name: name() };
const snapshotting: Fields<PersistentVolumeClaimSnapshotInput> = { name: name() };
const copying: Fields<DataMigrationInput> = { targetVolumeName: name(), targetStorageClassName: choice(named(TYPE.storageClass)) };

export const VOLUME: Kind<Volume> = {
  word:       'volume',
  page:       'volumes',
  rows:       VOLUME_ROWS as unknown as FleetKind,
  type:       TYPE.volume,
  namespaced: true,
  cells:      [
    {
      name: 'size', text: sizeOf, number: true
    },
    {
      name: 'storageClass', text: ({ spec }) => spec.storageClassName ?? '', sort: 'spec.storageClassName', long: true
    },
    {
      name: 'image', text: ({ metadata }) => metadata.annotations?.[IMAGE] ?? '', long: true
    },
    { name: 'mode', text: ({ spec }) => (spec.accessModes ?? []).join(', ') },
  ],
  verbs: persistentVolumeClaimVerbs,
  forms: {
    export: exporting, clone: cloning, snapshot: snapshotting, dataMigration: copying
  },
  create: {
    fields: {
      name: name(), namespace: choice(named(TYPE.namespace), 'default'), storage: quantity('10Gi'), imageId: optional(choice(imagesWithClass)), storageClassName: optional(choice(named(TYPE.storageClass))),
    },
    object: (_random, values) => newVolume(values),
  },
  edit: {
    fields: { storage: quantity() },
    values: ({ spec }) => ({ storage: spec.resources.requests.storage }),
    object: (volume, { storage }) => resized(volume, String(storage).trim()),
  },
};
