/** An image of a site: how far its import is, and the object that asks for one. */
import { file } from '../action/form';
import { virtualMachineImageVerbs } from '../api/actions.generated';
import type { ApiError } from '../api/client';
import type { Image } from '../api/image';
import { TYPE } from '../api/urls';
import { bytes } from '../display/quantity';
import type { Sentence } from '../display/sentence';
import type { Kind } from '../kind/kind';
import type { FleetKind } from '../fleet/kind';
import { IMAGE_ROWS } from './rows';

export interface ImageState {
  name: 'Ready' | 'Importing' | 'Failed';
  /** Percent. */
  progress: number;
  message: string;
}

export function stateOf(image: Image): ImageState {
  const { status } = image;
  const imported = status?.conditions?.find((c) => c.type === 'Imported');
  const limit = status?.conditions?.find((c) => c.type === 'RetryLimitExceeded');
  const progress = status?.progress ?? 0;

  if (imported?.status === 'True') {
    return {
      name: 'Ready', progress: 100, message: ''
    };
  }
  if (imported?.status === 'False' || limit?.status === 'True') {
    return {
      name: 'Failed', progress, message: imported?.message || limit?.message || imported?.reason || ''
    };
  }

  return {
    name: 'Importing', progress, message: imported?.message ?? ''
  };
}

export function idOf(image: Image): string {
  return `${ image.metadata.namespace }/${ image.metadata.name }`;
}

/** The least disk in GiB that holds the image. */
export function leastDisk(image?: Image): number {
  return Math.max(1, Math.ceil((image?.status?.virtualSize ?? 0) / 2 ** 30));
}

/** Where the bytes of a new image come from. */
export type Source = 'download' | 'upload';

export interface ImageForm {
  namespace: string;
  displayName: string;
  sourceType: Source;
  /** Of a download. */
  url: string;
  checksum: string;
  /** Of an upload. */
  file?: File;
}

export type Field = keyof ImageForm;
/** The fields that hold a line of text. */
export type TextField = Exclude<Field, 'sourceType' | 'file'>;
export type Refusals = Partial<Record<Field | 'all', Sentence>>;

export const EMPTY: ImageForm = {
  namespace: 'default', displayName: '', sourceType: 'download', url: '', checksum: ''
};

const SHA512 = /^[0-9a-f]{128}$/i;

function refuse(key: string): Sentence {
  return { key: `croft.${ key }` };
}

function unlessUrl(url: string): Sentence | undefined {
  if (!url) {
    return refuse('form.error.required');
  }

  return /^https?:\/\/[^\s/]+/i.test(url) ? undefined : refuse('image.error.url');
}

/** What is wrong with the form, by field; empty where nothing is. The site has the last word. */
export function check(form: ImageForm): Refusals {
  const uploads = form.sourceType === 'upload';
  const [displayName, namespace, url, checksum] = [form.displayName, form.namespace, form.url, form.checksum].map((text) => text.trim());
  const found: Refusals = {
    displayName: displayName ? undefined : refuse('form.error.required'),
    namespace:   namespace ? undefined : refuse('form.error.required'),
    url:         uploads ? undefined : unlessUrl(url),
    file:        !uploads || form.file ? undefined : refuse('form.error.required'),
    checksum:    !checksum || SHA512.test(checksum) ? undefined : refuse('image.error.checksum'),
  };

  return Object.fromEntries(Object.entries(found).filter(([, sentence]) => sentence));
}

/** Where on the form the server's field is. */
const PLACES: [RegExp, Field][] = [
  [/displayName/i, 'displayName'],
  [/checksum/i, 'checksum'],
  [/url/i, 'url'],
  [/^size$|chunk|file/i, 'file'],
  [/namespace/i, 'namespace'],
];

/** A server's refusal at the field that it names, or above the form. */
export function placed(error: ApiError): Refusals {
  // People tell images apart by this name, so two of one name are what a site refuses with a conflict.
  const field = error.status === 409 ? 'displayName' : error.fieldName;
  const place = PLACES.find(([pattern]) => pattern.test(field));

  return { [place?.[1] ?? 'all']: error.sentence };
}

/** The object to POST; the site gives it its name. */
export function newImage(form: ImageForm, random: string): Image {
  const checksum = form.checksum.trim();

  return {
    type:       'harvesterhci.io.virtualmachineimage',
    apiVersion: 'harvesterhci.io/v1beta1',
    kind:       'VirtualMachineImage',
    metadata:   { name: `image-${ random }`, namespace: form.namespace.trim() },
    spec:       {
      displayName: form.displayName.trim(),
      sourceType:  form.sourceType,
      ...(form.sourceType === 'download' ? { url: form.url.trim() } : {}),
      ...(checksum ? { checksum } : {}),
    },
  };
}

export const IMAGE: Kind<Image> = {
  word:       'image',
  page:       'images',
  rows:       IMAGE_ROWS as unknown as FleetKind,
  type:       TYPE.image,
  namespaced: true,
  title:      { text: ({ spec }) => spec.displayName, field: 'spec.displayName' },
  cells:      [
    {
      name: 'progress', text: (image) => `${ stateOf(image).progress }%`, sort: 'status.progress', number: true
    },
    {
      name: 'size', text: ({ status }) => status?.size ? bytes(status.size) : '', sort: 'status.size', number: true
    },
    {
      name: 'source', text: ({ spec }) => spec.url || spec.sourceType, sort: 'spec.sourceType', long: true
    },
  ],
  verbs: virtualMachineImageVerbs,
  forms: { upload: { file: file() } },
  sends: ['upload'],
  files: ['download'],
};
