/** What the site cannot give of what a form asks for. What is not known of a site is not said to be missing. */
import type { Sentence } from '../../display/sentence';
import { unlessImage, unlessIn, unlessType } from '../../machine-config/lacking';
import { isWanted, type Rule } from './affinity';
import type { MachineDisk } from './disk';
import type { Form, Refusals } from './form';
import type { Offer } from './useOffer';

function unlessThere(list: string[] | undefined, name: string, key: string): Sentence | undefined {
  return list && name && !list.includes(name) ? { key: `croft.form.error.${ key }`, args: { name } } : undefined;
}

function unlessSource({ source, imageName, claim }: MachineDisk, offer: Offer): Sentence | undefined {
  if (source === 'image') {
    return unlessImage(offer, imageName);
  }

  return source === 'volume' ? unlessThere(offer.volumes?.map(({ metadata }) => metadata.name), claim, 'volumeGone') : undefined;
}

/** A rule about nodes that none of them meets, however the others are. */
function unlessMet(rule: Rule, { rooms }: Offer): Sentence | undefined {
  return rooms && rule.must && !rooms.some((room) => isWanted(room, [rule])) ? { key: 'croft.form.error.noSuchNode', args: { key: rule.key } } : undefined;
}

/** What is missing, by field. What the machine had before is there, even where the caller does not see it. */
export function lacking(form: Form, offer: Offer, before?: Form): Refusals {
  const nodes = offer.rooms?.map(({ name }) => name);
  const had = (name: string) => before?.disks.some((disk) => disk.name === name);
  const found: [string, Sentence | undefined][] = [
    ['namespace', before || !offer.namespaces?.length ? undefined : unlessIn(offer.namespaces, form.namespace, 'namespaceGone')],
    ['type', form.instanceType === before?.instanceType ? undefined : unlessType(offer, form.instanceType)],
    ['keys', form.keys.map((key) => unlessIn(offer.keys, key, 'keyGone')).find(Boolean)],
    ['node', form.node === before?.node ? undefined : unlessThere(nodes, form.node, 'nodeGone')],
    ...form.disks.filter(({ name }) => !had(name)).flatMap((disk): [string, Sentence | undefined][] => {
      const n = form.disks.indexOf(disk);

      return [
        [`image-${ n }`, unlessSource(disk, offer)],
        [`class-${ n }`, disk.source === 'volume' ? undefined : unlessIn(offer.classes?.map(({ metadata }) => metadata.name), disk.storageClassName, 'classGone')],
      ];
    }),
    ...form.rules.map((rule, n): [string, Sentence | undefined] => [`rule-${ n }`, unlessMet(rule, offer)]),
    ...form.devices.map(({ deviceName }, n): [string, Sentence | undefined] => [`device-${ n }`, unlessIn(offer.rooms?.flatMap(({ devices }) => Object.keys(devices)), deviceName, 'deviceGone')]),
    ...form.credentials.map(({ secret }, n): [string, Sentence | undefined] => [`secret-${ n }`, unlessThere(offer.secrets, secret, 'secretGone')]),
    ...form.cards.map(({ networkName }, n): [string, Sentence | undefined] => [`network-${ n }`, unlessIn(offer.networks, networkName, 'networkGone')]),
  ];

  return Object.fromEntries(found.filter(([, sentence]) => sentence));
}
