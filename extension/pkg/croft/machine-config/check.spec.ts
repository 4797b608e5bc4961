import type { Image } from '../api/image';
import type { StorageClass } from '../storageclass/storageclass';
import { check } from './check';
import { newCard } from './card';
import { read, type Form } from './config';
import { newDisk } from './disk';
import { lacking } from './lacking';
import { NOTHING, type Offer } from './offer';

const form = (part: Partial<Form> = {}): Form => ({
  ...read({}), disks: [{ ...newDisk(true), imageName: 'default/debian' }], ...part
});

describe('check', () => {
  it.each<[string, Partial<Form>, string[]]>([
    ['what begins, with an image', {}, []],
    ['no image', { disks: [newDisk(true)] }, ['disks']],
    ['a disk by its number', { disks: [{ ...newDisk(true), imageName: 'default/debian' }, { ...newDisk(false), size: 0 }] }, ['disk-1']],
    ['emptied numbers', { cpuCount: NaN, memorySize: NaN }, ['cpuCount', 'memorySize']],
    ['half a core, and half a GiB', { cpuCount: 0.5, memorySize: 1.5 }, ['cpuCount', 'memorySize']],
    ['an instance type says the size', { cpuCount: NaN, instanceType: 'small' }, []],
    ['as much memory kept from the guest as there is', { reservedMemorySize: 4096 }, ['reservedMemorySize']],
    ['a model with a space', { cpuModel: 'host passthrough' }, ['cpuModel']],
    ['two cards in the pod network', { cards: [newCard(), newCard()] }, ['card-0', 'card-1']],
    ['an address of no card’s network', { addressNetwork: 'default/vlan-7' }, ['addressNetwork']],
    ['no device', { gpus: [{ name: '', deviceName: '' }] }, ['gpu-0']],
    ['a device', { gpus: [{ name: '', deviceName: 'nvidia.com/A2-4Q' }] }, []],
    ['a user of a shell', { sshUser: 'root; reboot' }, ['sshUser']],
    ['a script as user data', { userData: '#!/bin/sh' }, ['userData']],
    ['user data that is no YAML', { userData: '#cloud-config\na: [' }, ['userData']],
    ['user data that is a list', { userData: '#cloud-config\n- a' }, ['userData']],
    ['user data of nothing but its first line', { userData: '#cloud-config\n' }, []],
    ['network data without a version', { networkData: 'ethernets: {}' }, ['networkData']],
    ['network data of version 2', { networkData: 'network:\n  version: 2' }, []],
    ['an affinity of another kind', { vmAffinity: '{"shell":{}}' }, ['vmAffinity']],
    ['an affinity', { vmAffinity: '{"nodeAffinity":{}}' }, []],
    ['labels', { labels: ['team=blue', 'example.org/tier', ''] }, []],
    ['a label of a space', { labels: ['a b=c'] }, ['labels']],
    ['a label of the site’s own', { labels: ['x.harvesterhci.io/a=b'] }, ['labels']],
    ['a tag with a domain', { tags: ['example.org/a=b'] }, ['tags']],
    ['a namespace out of the namespace', { vmNamespace: '../kube-system' }, ['vmNamespace']],
  ])('%s', (_reason, part, want) => {
    expect(Object.keys(check(form(part)))).toStrictEqual(want);
  });
});

const IMAGE = {
  metadata: { namespace: 'default', name: 'debian' }, spec: { displayName: 'Debian' }, status: { conditions: [{ type: 'Imported', status: 'True' }] }
} as Image;
const FAILED = {
  ...IMAGE,
  status: {
    conditions: [{
      type: 'Imported', status: 'False', message: 'No such host.'
    }]
  }
};
const room = {
  name: 'a', cpu: 8, memory: 8, pins: false, devices: { 'nvidia.com/A2': 1 }
};
const named = (name: string) => ({ metadata: { name } });

describe('what a site lacks', () => {
  it.each<[string, Partial<Form>, Partial<Offer>, string[]]>([
    ['of a site that is not known, nothing', {
      vmNamespace: 'x', instanceType: 'x', keys: ['a/b'], cpuPinning: true
    }, {}, []],
    ['it has all', { vmNamespace: 'x' }, {
      images: [IMAGE], namespaces: ['x'], rooms: [room]
    }, []],
    ['a namespace', { vmNamespace: 'y' }, { namespaces: ['x'] }, ['vmNamespace']],
    ['an image', {}, { images: [] }, ['disk-0']],
    ['an image that could not be imported', {}, { images: [FAILED] }, ['disk-0']],
    ['a storage class', { disks: [{ ...newDisk(true), storageClassName: 'fast' }] }, { classes: [named('slow') as StorageClass] }, ['class-0']],
    ['a network', { cards: [newCard(), newCard('default/vlan-7')] }, { networks: [] }, ['card-1']],
    ['a type of the site', { instanceType: 'small' }, { types: [], ownTypes: [named('small')] }, ['instanceType']],
    ['a type of the namespace', { instanceType: '/small' }, { types: [], ownTypes: [named('small')] }, []],
    ['a key', { keys: ['default/me'] }, { keys: ['default/you'] }, ['keys']],
    ['a device', { gpus: [{ name: '', deviceName: 'nvidia.com/A3' }] }, { rooms: [room] }, ['gpu-0']],
    ['processors to give away', { cpuPinning: true }, { rooms: [room] }, ['cpuPinning']],
    ['of a site that gives some away, nothing', { cpuPinning: true }, { rooms: [{ ...room, pins: true }] }, []],
  ])('%s', (_reason, part, offer, want) => {
    expect(Object.keys(lacking(form(part), { ...NOTHING, ...offer }))).toStrictEqual(want);
  });
});
