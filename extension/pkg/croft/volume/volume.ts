/** A volume of a site: a claim, which may be a machine's disk. */
import { named, type Choices } from '../action/choice';
import {
  choice, name, optional, quantity, text, type Values
} from '../action/form';
import { request } from '../api/client';
import type { Image } from '../api/image';
import type { Collection, Resource } from '../api/steve';
import { site, TYPE } from '../api/urls';
import { bytes, parse } from '../display/quantity';
import type { Kind } from '../kind/kind';

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

/** Images with the class that holds their bytes: a volume of an image is of that class. */
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
  const storageClassName = imageClass || String(values.storageClassName ?? '');

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

export const VOLUME: Kind<Volume> = {
  word:       'volume',
  page:       'volumes',
  type:       TYPE.volume,
  namespaced: true,
  cells:      [
    {
      name: 'size', text: sizeOf, number: true
    },
    {
      name: 'storageClass', text: ({ spec }) => spec.storageClassName ?? '', sort: 'spec.storageClassName'
    },
    { name: 'image', text: ({ metadata }) => metadata.annotations?.[IMAGE] ?? '' },
    { name: 'mode', text: ({ spec }) => (spec.accessModes ?? []).join(', ') },
  ],
  verbs: ['clone', 'export', 'snapshot', 'dataMigration', 'cancelExpand'],
  forms: {
    clone:  { name: name() },
    export: {
      displayName: text(), namespace: choice(named(TYPE.namespace), 'default'), storageClassName: optional(choice(named(TYPE.storageClass)))
    },
    snapshot:      { name: name() },
    dataMigration: { targetVolumeName: name(), targetStorageClassName: choice(named(TYPE.storageClass)) },
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
