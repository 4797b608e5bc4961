/** What the site cannot give of what a configuration asks for. What is not known of a site is not said to be missing. */
import type { Sentence } from '../display/sentence';
import { idOf, stateOf } from '../image/image';
import type { Refusals } from './check';
import type { Form } from './config';
import type { Offer } from './offer';
import { refuse } from './refusal';

/** A refusal where a list is known and the name is not in it. */
export function unlessIn(list: string[] | undefined, name: string, key: string): Sentence | undefined {
  return list && name && !list.includes(name) ? refuse(key, { name }) : undefined;
}

export function unlessImage(offer: Offer, name: string): Sentence | undefined {
  const gone = unlessIn(offer.images?.map(idOf), name, 'imageGone');
  const image = offer.images?.find((one) => idOf(one) === name);

  if (gone || !image) {
    return gone;
  }

  const { name: state, message } = stateOf(image);

  return state === 'Failed' ? refuse('imageFailed', { name: image.spec.displayName, message }) : undefined;
}

export function unlessType({ types, ownTypes }: Offer, name: string): Sentence | undefined {
  return name.startsWith('/') ? unlessIn(ownTypes?.map(({ metadata }) => `/${ metadata.name }`), name, 'typeGone') : unlessIn(types?.map(({ metadata }) => metadata.name), name, 'typeGone');
}

function unlessPins({ rooms }: Offer, pinning: boolean): Sentence | undefined {
  return pinning && rooms && !rooms.some(({ pins }) => pins) ? refuse('pinning') : undefined;
}

/** What is missing, by field. */
export function lacking(form: Form, offer: Offer): Refusals {
  const devices = offer.rooms?.flatMap((room) => Object.keys(room.devices));
  const classes = offer.classes?.map(({ metadata }) => metadata.name);
  const missing = form.keys.map((key) => unlessIn(offer.keys, key, 'keyGone')).find(Boolean);
  const found: [string, Sentence | undefined][] = [
    ['vmNamespace', unlessIn(offer.namespaces, form.vmNamespace, 'namespaceGone')],
    ['instanceType', unlessType(offer, form.instanceType)],
    ['cpuPinning', unlessPins(offer, form.cpuPinning && !form.instanceType)],
    ['keys', missing],
    ...form.disks.map(({ imageName }, i): [string, Sentence | undefined] => [`disk-${ i }`, unlessImage(offer, imageName)]),
    ...form.disks.map(({ storageClassName }, i): [string, Sentence | undefined] => [`class-${ i }`, unlessIn(classes, storageClassName, 'classGone')]),
    ...form.cards.map(({ networkName }, i): [string, Sentence | undefined] => [`card-${ i }`, unlessIn(offer.networks, networkName, 'networkGone')]),
    ...form.gpus.map(({ deviceName }, i): [string, Sentence | undefined] => [`gpu-${ i }`, unlessIn(devices, deviceName, 'deviceGone')]),
  ];

  return Object.fromEntries(found.filter(([, sentence]) => sentence));
}
