import {
  moved, newCard, readCards, unlessCard, unlessCards, writeCards
} from './card';

const POD = newCard();
const VLAN = newCard('default/vlan-7');

describe('the cards', () => {
  it('are kept in Harvester’s shape', () => {
    const want = '{"interfaces":[{"model":"virtio","type":"masquerade"},{"networkName":"default/vlan-7","model":"virtio","type":"bridge"}]}';

    expect(writeCards([POD, VLAN])).toBe(want);
    expect(readCards(want)).toStrictEqual([POD, VLAN]);
  });

  it('are read from Harvester’s older fields', () => {
    expect(readCards('', { networkName: 'default/vlan-7', networkModel: 'e1000' })).toStrictEqual([{ ...VLAN, model: 'e1000' }]);
    expect(readCards('')).toStrictEqual([POD]);
  });

  it.each([
    ['the pod network is behind the node', VLAN, '', 'masquerade'],
    ['another is bridged', POD, 'default/vlan-7', 'bridge'],
    ['one that is passed through stays so', { ...VLAN, type: 'sriov' }, 'default/vlan-8', 'sriov'],
  ])('go to another network: %s', (_reason, card, network, want) => {
    expect(moved(card, network)).toMatchObject({ networkName: network, type: want });
  });

  it.each([
    ['a good one', VLAN, [POD], undefined],
    ['two in the pod network', POD, [POD], 'podNetworkTwice'],
    ['two in another', VLAN, [VLAN], undefined],
    ['an address of one card', { ...VLAN, macAddress: '02:00:5E:10:00:01' }, [], undefined],
    ['an address of a group', { ...VLAN, macAddress: '01:00:5e:10:00:01' }, [], 'mac'],
    ['no address', { ...VLAN, macAddress: '02:00' }, [], 'mac'],
    ['an address twice', { ...VLAN, macAddress: '02:00:5e:10:00:0A' }, [{ ...POD, macAddress: '02:00:5e:10:00:0a' }], 'macTwice'],
  ])('refuse: %s', (_reason, card, others, want) => {
    expect((unlessCard(card, others) as { key?: string })?.key).toBe(want && `croft.guest.error.${ want }`);
  });

  it('are one or more', () => {
    expect(unlessCards([])).toBeDefined();
    expect(unlessCards([POD])).toBeUndefined();
    expect(unlessCards(Array.from({ length: 17 }, () => VLAN))).toBeDefined();
  });
});
