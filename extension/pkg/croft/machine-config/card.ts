/** The network cards of a node: a list on the form, and one JSON in Harvester's shape in the machine's configuration. */
import type { Sentence } from '../display/sentence';
import { refuse } from './refusal';

export const MODELS = ['virtio', 'e1000', 'e1000e', 'ne2k_pci', 'pcnet', 'rtl8139'];

export interface Card {
  /** `namespace/name` of a network attachment, empty for the network of pods. */
  networkName: string;
  /** Empty for one that the site chooses. */
  macAddress: string;
  model: string;
  type: string;
}

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
const MOST = 16;

/** How a card can be attached to a network. */
export function typesOf(networkName: string): string[] {
  return networkName ? ['bridge', 'sriov'] : ['masquerade', 'bridge'];
}

export function newCard(networkName = ''): Card {
  return {
    networkName, macAddress: '', model: 'virtio', type: typesOf(networkName)[0]
  };
}

/** The card in another network: attached as it was, where that can be. */
export function moved(card: Card, networkName: string): Card {
  const types = typesOf(networkName);

  return {
    ...card, networkName, type: types.includes(card.type) && networkName ? card.type : types[0]
  };
}

/** The cards of a configuration: Harvester's older fields say the only one. */
export function readCards(networkInfo: string, old: { networkName?: string; networkModel?: string; networkType?: string } = {}): Card[] {
  const given = networkInfo ? (JSON.parse(networkInfo) as { interfaces?: Partial<Card>[] }).interfaces ?? [] : [{
    networkName: old.networkName, ...(old.networkModel ? { model: old.networkModel } : {}), ...(old.networkType ? { type: old.networkType } : {})
  }];

  return given.map((card) => ({
    ...newCard(card.networkName), ...card, networkName: card.networkName ?? ''
  }));
}

/** What is not said is left out. */
export function writeCards(cards: Card[]): string {
  return JSON.stringify({
    interfaces: cards.map(({
      networkName, macAddress, model, type
    }) => ({
      ...(networkName ? { networkName } : {}), ...(macAddress ? { macAddress } : {}), model, type
    }))
  });
}

/** Hardware addresses of groups have the lowest bit of their first byte set. */
function isOfOne(mac: string): boolean {
  return MAC.test(mac) && !(parseInt(mac.slice(0, 2), 16) & 1);
}

/** What is wrong with a card among the others, if anything is. A pool has many nodes: an address for all would be the same. */
export function unlessCard(card: Card, others: Card[]): Sentence | undefined {
  if (card.macAddress && !isOfOne(card.macAddress)) {
    return refuse('mac');
  }
  if (card.macAddress && others.some(({ macAddress }) => macAddress.toLowerCase() === card.macAddress.toLowerCase())) {
    return refuse('macTwice');
  }

  return !card.networkName && others.some(({ networkName }) => !networkName) ? refuse('podNetworkTwice') : undefined;
}

export function unlessCards(cards: Card[]): Sentence | undefined {
  return cards.length >= 1 && cards.length <= MOST ? undefined : refuse('cards', { most: MOST });
}
