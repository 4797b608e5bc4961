/** What the selects of the form list. A list that is not known has no options, and its field is typed. */
import { plain, type Option } from '../action/choice';
import type { Translate } from '../display/sentence';
import { useOf, type CloudConfig } from '../cloudconfig/cloudconfig';
import { isDefault } from '../storageclass/storageclass';
import { imageOptions } from '../image/option';
import { networkOptions } from '../network/option';
import { sizeOf, type InstanceType } from './capacity';
import { read } from './config';
import type { Offer } from './offer';
import { bytes } from '../display/quantity';

function typeOption(type: InstanceType, before = ''): Option {
  const { cpu, memory } = sizeOf(read({}), type);
  const value = `${ before }${ type.metadata.name }`;

  return { value, label: `${ value } (${ cpu } CPU, ${ bytes(memory) })` };
}

/** The site's instance types and the namespace's, behind the size that is typed. */
export function typeOptions({ types, ownTypes }: Offer, t: Translate): Option[] | undefined {
  return types || ownTypes ? [
    { value: '', label: t('croft.guest.field.ownSize') }, ...(types ?? []).map((type) => typeOption(type)), ...(ownTypes ?? []).map((type) => typeOption(type, '/')),
  ] : undefined;
}

export function diskImages({ images }: Offer, t: Translate): Option[] | undefined {
  return images && [{ value: '', label: t('croft.guest.field.blank') }, ...imageOptions(images, t)];
}

export function classOptions({ classes }: Offer, t: Translate): Option[] | undefined {
  return classes && [
    { value: '', label: t('croft.guest.field.usualClass') },
    ...classes.map((one) => ({ value: one.metadata.name, label: isDefault(one) ? `${ one.metadata.name } ✓` : one.metadata.name })),
  ];
}

export function cardNetworks({ networks }: Offer, t: Translate): Option[] | undefined {
  return networks && networkOptions(networks, t);
}

/** Every device that a node has. */
export function deviceOptions({ rooms }: Offer): Option[] | undefined {
  return rooms && [...new Set(rooms.flatMap(({ devices }) => Object.keys(devices)))].sort().map(plain);
}

/** Documents of one use, user or network. */
export function documentOptions(documents: CloudConfig[] | undefined, use: string): Option[] {
  return (documents ?? []).filter((one) => useOf(one) === use).map(({ metadata }) => plain(`${ metadata.namespace }/${ metadata.name }`));
}

/** The text of a document. */
export function documentOf(documents: CloudConfig[] | undefined, id: string): string {
  return documents?.find(({ metadata }) => `${ metadata.namespace }/${ metadata.name }` === id)?.data?.cloudInit ?? '';
}
