import { NOTHING } from '../../machine-config/offer';
import { newRule } from './affinity';
import { newCredential } from './credential';
import { newDisk } from './disk';
import { EMPTY, type Form } from './form';
import { lacking } from './lacking';
import type { Offer } from './useOffer';

const offer = (change: Partial<Offer> = {}): Offer => ({
  ...NOTHING, asked: true, ...change
});
const form = (change: Partial<Form> = {}): Form => ({ ...EMPTY, ...change });
const disk = newDisk([]);

describe('what the site cannot give', () => {
  it.each<[string, Form, Offer, string[]]>([
    ['nothing is known', form({
      node: 'n', keys: ['a/b'], disks: [{ ...disk, imageName: 'a/b' }]
    }), offer(), []],
    ['an image', form({ disks: [{ ...disk, imageName: 'a/b' }] }), offer({ images: [] }), ['image-0']],
    ['a class', form({ disks: [{ ...disk, storageClassName: 'fast' }] }), offer({ classes: [] }), ['class-0']],
    ['a volume', form({
      disks: [{
        ...disk, source: 'volume', claim: 'v'
      }]
    }), offer({ volumes: [] }), ['image-0']],
    ['a network', form({ cards: [{ ...EMPTY.cards[0], networkName: 'a/b' }] }), offer({ networks: [] }), ['network-0']],
    ['a key', form({ keys: ['a/b'] }), offer({ keys: [] }), ['keys']],
    ['a node', form({ node: 'n' }), offer({ rooms: [] }), ['node']],
    ['an instance type', form({ instanceType: 'small' }), offer({ types: [] }), ['type']],
    ['a device', form({
      devices: [{
        name: 'd', deviceName: 'a/b', kind: 'host'
      }]
    }), offer({ rooms: [] }), ['device-0']],
    ['a node as a rule wants it', form({
      rules: [{
        ...newRule(), key: 'disk', values: ['ssd']
      }]
    }), offer({
      rooms: [{
        name: 'n', cpu: 1, memory: 1, pins: false, devices: {}, labels: { disk: 'hdd' }
      }]
    }), ['rule-0']],
    ['a Secret', form({ credentials: [{ ...newCredential(), secret: 's' }] }), offer({ secrets: [] }), ['secret-0']],
    ['a namespace', form(), offer({ namespaces: ['web'] }), ['namespace']],
  ])('%s', (_reason, wanted, site, want) => {
    expect(Object.keys(lacking(wanted, site))).toStrictEqual(want);
  });

  it('is not said of what the machine has', () => {
    const had = form({
      node:         'n',
      instanceType: 'small',
      disks:        [{
        ...disk, imageName: 'a/b', storageClassName: 'fast'
      }]
    });

    expect(lacking(had, offer({
      images: [], classes: [], rooms: [], types: [], namespaces: []
    }), had)).toStrictEqual({});
  });
});
