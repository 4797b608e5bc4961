/** The network cards of a machine's form. */
import type { Interface, Network, VirtualMachine } from '../../api/kubevirt';
import type { Sentence } from '../../display/sentence';
import { newCard as blankCard, typesOf, unlessCard as unlessAmong, type Card } from '../../machine-config/card';

export interface MachineCard extends Card {
  name: string;
}

const TYPES = ['masquerade', 'bridge', 'sriov'] as const;

/** Another card beside those that are there: one alone is in the network of pods. */
export function newCard(others: MachineCard[], networks: string[] = []): MachineCard {
  const names = others.map(({ name }) => name);
  const free = others.some(({ networkName }) => !networkName) ? networks.find((id) => !others.some(({ networkName }) => networkName === id)) ?? '' : '';
  let n = others.length;

  while (names.includes(`nic-${ n }`)) {
    n++;
  }

  return { name: others.length ? `nic-${ n }` : 'default', ...blankCard(free) };
}

/** The cards of a machine. One that is bound in a way that the form does not know keeps it. */
export function cardsOf(vm: VirtualMachine): MachineCard[] {
  const { domain, networks = [] } = vm.spec.template.spec;

  return (domain.devices.interfaces ?? []).map((nic) => ({
    name:        nic.name,
    networkName: networks.find(({ name }) => name === nic.name)?.multus?.networkName ?? '',
    macAddress:  nic.macAddress ?? '',
    model:       nic.model ?? '',
    type:        TYPES.find((type) => nic[type]) ?? '',
  }));
}

function nicOf(card: MachineCard, had: Interface | undefined): Interface {
  const {
    macAddress: _mac, model: _model, masquerade, bridge, sriov, ...rest
  } = had ?? { name: card.name };
  const bound: Record<string, unknown> = {
    masquerade, bridge, sriov
  };

  return {
    ...rest,
    ...(card.model ? { model: card.model } : {}),
    ...(card.macAddress ? { macAddress: card.macAddress } : {}),
    ...(card.type ? { [card.type]: bound[card.type] ?? {} } : {}),
  };
}

function networkOf(card: MachineCard, had: Network | undefined): Network {
  return card.networkName ? { name: card.name, multus: { ...had?.multus, networkName: card.networkName } } : { name: card.name, pod: had?.pod ?? {} };
}

/** Puts cards in the place of those that the machine had. */
export function putCards(vm: VirtualMachine, cards: MachineCard[]): void {
  const { spec } = vm.spec.template;
  const { devices } = spec.domain;

  devices.interfaces = cards.map((card) => nicOf(card, devices.interfaces?.find(({ name }) => name === card.name)));
  spec.networks = cards.map((card) => networkOf(card, spec.networks?.find(({ name }) => name === card.name)));
}

/** What is wrong with the nth card among the others, by the word of its field. */
export function unlessCard(card: MachineCard, n: number, cards: MachineCard[]): Partial<Record<string, Sentence>> {
  const wrong = unlessAmong(card, cards.filter((other) => other !== card));
  const ofMac = wrong && 'key' in wrong && wrong.key.startsWith('croft.guest.error.mac');

  return { [`mac-${ n }`]: ofMac ? wrong : undefined, [`network-${ n }`]: ofMac ? undefined : wrong };
}

/** How a card can be attached: as it is, and as its network lets it. */
export function bindingsOf({ networkName, type }: MachineCard): string[] {
  const types = typesOf(networkName);

  return types.includes(type) ? types : [...types, type];
}
