/** An image of a site: how far its import is, and the object that asks for one. */
import type { Image } from '../api/image';

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

export interface ImageForm {
  namespace: string;
  displayName: string;
  url: string;
  checksum: string;
}

/** The object to POST; the site gives it its name. */
export function newImage(form: ImageForm, random: string): Image {
  const checksum = form.checksum.trim();

  return {
    type:       'harvesterhci.io.virtualmachineimage',
    apiVersion: 'harvesterhci.io/v1beta1',
    kind:       'VirtualMachineImage',
    metadata:   { name: `image-${ random }`, namespace: form.namespace },
    spec:       {
      displayName: form.displayName.trim(),
      sourceType:  'download',
      url:         form.url.trim(),
      ...(checksum ? { checksum } : {}),
    },
  };
}
