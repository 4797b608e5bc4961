import { ApiError, errorOf } from '../../api/client';
import type { Image } from '../../api/image';
import { newRule } from './affinity';
import { newCard } from './card';
import { newCredential } from './credential';
import { newDevice } from './device';
import { newDisk, type MachineDisk } from './disk';
import { check, EMPTY, namespaceAt, type Form } from './form';
import { placed } from './refused';

const disk = (change: Partial<MachineDisk> = {}): MachineDisk => ({
  ...newDisk([]), imageName: 'default/tiny', ...change
});
const second = (change: Partial<MachineDisk> = {}): MachineDisk => ({ ...newDisk([disk()]), ...change });
const form = (change: Partial<Form> = {}): Form => ({
  ...EMPTY, site: 'c-m-1', name: 'web', disks: [disk()], ...change
});
const image: Image = {
  metadata: { name: 'tiny', namespace: 'default' },
  spec:     { displayName: 'tiny', sourceType: 'download' },
  status:   { virtualSize: 12 * 2 ** 30, storageClassName: 'lh-tiny' },
};

describe('check', () => {
  it.each<[string, Form, string[]]>([
    ['a form that is right', form(), []],
    ['nothing filled in', EMPTY, ['image-0', 'name', 'site']],
    ['a name that is none', form({ name: 'Web_1' }), ['name']],
    ['a name too long', form({ name: 'a'.repeat(64) }), ['name']],
    ['a name too long for several', form({ name: 'a'.repeat(62), count: 2 }), ['name']],
    ['half a core', form({ cores: 1.5 }), ['cpu']],
    ['no socket', form({ sockets: 0 }), ['sockets']],
    ['an instance type, whatever the size', form({ instanceType: 'small', cores: 0 }), []],
    ['no memory', form({ memory: 0 }), ['memory']],
    ['less memory than can be said', form({ memory: 0.0001 }), ['memory']],
    ['an emptied memory', form({ memory: NaN }), ['memory']],
    ['an emptied size', form({ disks: [disk({ size: NaN })] }), ['size-0']],
    ['a disk of an image, and none named', form({ disks: [disk(), second({ source: 'image' })] }), ['image-1']],
    ['a volume, and none named', form({ disks: [disk(), second({ source: 'volume' })] }), ['image-1']],
    ['one volume for two disks', form({ disks: [disk({ source: 'volume', claim: 'v' }), second({ source: 'volume', claim: 'v' })] }), ['image-0', 'image-1']],
    ['a volume whose size nobody knows', form({
      disks: [disk(), second({
        source: 'volume', claim: 'v', size: NaN
      })]
    }), []],
    ['two disks to boot from first', form({ disks: [disk(), second({ bootOrder: 1 })] }), ['order-0', 'order-1']],
    ['a CD-ROM on virtio', form({ disks: [disk(), second({ type: 'cd-rom' })] }), ['bus-1']],
    ['no disks', form({ disks: [] }), []],
    ['two cards in the pod network', form({ cards: [newCard([]), { ...newCard([]), name: 'nic-1' }] }), ['network-0', 'network-1']],
    ['an address that is none', form({ cards: [{ ...newCard([]), macAddress: '1:2' }] }), ['mac-0']],
    ['several on one volume', form({ count: 2, disks: [disk({ source: 'volume', claim: 'v' })] }), ['count']],
    ['several with one address', form({ count: 2, cards: [{ ...newCard([]), macAddress: '02:00:00:00:00:01' }] }), ['count']],
    ['none at all', form({ count: 0 }), ['count']],
    ['a private key', form({ sshKey: '-----BEGIN OPENSSH PRIVATE KEY-----' }), ['sshkey']],
    ['a key for a script', form({ sshKey: 'ssh-rsa AAAA', userData: '#!/bin/sh' }), ['sshkey']],
    ['a key of the site for a script', form({ keys: ['default/me'], userData: '#!/bin/sh' }), ['sshkey']],
    ['cloud-init without its header', form({ userData: 'hostname: web' }), ['userdata']],
    ['cloud-init too long to go inline', form({ userData: `#cloud-config\na: ${ 'x'.repeat(2048) }` }), ['userdata']],
    ['a plug on a bus without any', form({ disks: [disk({ bus: 'sata', pluggable: true })] }), ['bus-0']],
    ['a device that is not chosen', form({ devices: [newDevice([])] }), ['device-0']],
    ['a rule about no label', form({ rules: [newRule()] }), ['rule-0']],
    ['access of nobody', form({ credentials: [newCredential()] }), ['keys-0', 'users-0']],
    ['network data without a version', form({ networkData: 'ethernets: {}' }), ['networkdata']],
    ['network data that is none', form({ networkData: 'a: [' }), ['networkdata']],
  ])('%s', (_reason, f, want) => {
    expect(Object.keys(check(f)).sort()).toStrictEqual(want);
  });

  it('wants a disk that holds the image', () => {
    expect(check(form(), [image])['size-0']).toMatchObject({ key: 'croft.guest.error.diskSize', args: { least: 12 } });
    expect(check(form({ disks: [disk({ size: 12 })] }), [image])).toStrictEqual({});
  });

  it('does not ask about what was there before', () => {
    const odd = form({
      name: 'a.b', memory: NaN, disks: [disk({ size: 0.5 })], userData: 'x', networkData: 'y'
    });

    expect(check(odd, [image], odd)).toStrictEqual({});
    expect(Object.keys(check({ ...odd, disks: [disk({ size: 0.25 })] }, [image], odd))).toStrictEqual(['size-0']);
  });
});

describe('the namespace at another site', () => {
  it.each([
    ['is the same where the site has it', 'web', ['default', 'web'], 'web'],
    ['is the usual one otherwise', 'gone', ['default', 'web'], 'default'],
    ['or the first', 'gone', ['a', 'b'], 'a'],
    ['or what was typed, where the site does not tell', 'web', [], 'web'],
  ])('%s', (_reason, namespace, namespaces, want) => {
    expect(namespaceAt(namespace, namespaces)).toBe(want);
  });
});

describe('placed', () => {
  const two = form({
    disks: [second({
      name: 'disk-5', source: 'volume', claim: 'v'
    }), disk(), second({ name: 'disk-7' })],
    devices: [{
      name: 'nic', deviceName: 'n', kind: 'host'
    }, {
      name: 'gpu', deviceName: 'g', kind: 'gpu'
    }],
  });

  it.each([
    ['memory', 'spec.template.spec.domain.resources.limits.memory', 'memory'],
    ['cores', 'spec.template.spec.domain.cpu.cores', 'cpu'],
    ['sockets', 'spec.template.spec.domain.cpu.sockets', 'sockets'],
    ['the claims', 'metadata.annotations[harvesterhci.io/volumeClaimTemplates]', 'size-1'],
    ['the first claim, which is not the first disk’s', 'metadata.annotations[harvesterhci.io/volumeClaimTemplates][0].spec.resources.requests.storage', 'size-1'],
    ['the second claim’s class', 'metadata.annotations[harvesterhci.io/volumeClaimTemplates][1].spec.storageClassName', 'class-2'],
    ['the second claim’s image', 'metadata.annotations[harvesterhci.io/volumeClaimTemplates][1].metadata.annotations[harvesterhci.io/imageId]', 'image-2'],
    ['a disk', 'spec.template.spec.domain.devices.disks[2].disk.bus', 'bus-2'],
    ['a disk’s order', 'spec.template.spec.domain.devices.disks[2].bootOrder', 'order-2'],
    ['a volume', 'spec.template.spec.volumes[0].persistentVolumeClaim.claimName', 'image-0'],
    ['cloud-init', 'spec.template.spec.volumes[1].cloudInitNoCloud', 'userdata'],
    ['network data', 'spec.template.spec.volumes[1].cloudInitNoCloud.networkData', 'networkdata'],
    ['a network', 'spec.template.spec.networks[1].multus.networkName', 'network-1'],
    ['an address', 'spec.template.spec.domain.devices.interfaces[1].macAddress', 'mac-1'],
    ['a model', 'spec.template.spec.domain.devices.interfaces[0].model', 'model-0'],
    ['the instance type', 'spec.instancetype.name', 'type'],
    ['the run strategy', 'spec.runStrategy', 'strategy'],
    ['the maintenance strategy', 'metadata.labels[harvesterhci.io/maintain-mode-strategy]', 'maintenance'],
    ['secure boot', 'spec.template.spec.domain.firmware.bootloader.efi.secureBoot', 'secureboot'],
    ['a device of a kind', 'spec.template.spec.domain.devices.gpus[0].deviceName', 'device-1'],
    ['an access', 'spec.template.spec.accessCredentials[1].sshPublicKey', 'secret-1'],
    ['a rule', 'spec.template.spec.affinity.nodeAffinity', 'rule-0'],
    ['the name', 'metadata.name', 'name'],
    ['no field of the form', 'spec.other', 'all'],
    ['no field at all', '', 'all'],
  ])('%s', (_reason, fieldName, want) => {
    expect(placed(new ApiError(422, 'Invalid', 'no', fieldName), two, 'may.not')).toStrictEqual({ [want]: { text: 'no' } });
  });

  it('says of what nobody offers the caller that he has no right to it', () => {
    expect(placed(errorOf(403, { code: 'PermissionDenied', message: 'Method POST not supported' }), two, 'may.not')).toStrictEqual({ all: { key: 'may.not' } });
  });

  it('says of a name that is taken that it is, at the name', () => {
    expect(placed(new ApiError(409, 'AlreadyExists', 'virtualmachines.kubevirt.io "web" already exists'), two, 'may.not')).toMatchObject({ name: { key: 'croft.form.error.taken' } });
    expect(placed(new ApiError(409, 'Conflict', 'The quota is used up.'), two, 'may.not')).toStrictEqual({ all: { text: 'The quota is used up.' } });
  });
});
