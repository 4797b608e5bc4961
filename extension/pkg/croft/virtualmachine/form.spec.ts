import { ApiError } from '../api/client';
import type { Image } from '../api/image';
import {
  check, EMPTY, moved, placed, virtualMachine, type Form
} from './form';

const form = (change: Partial<Form> = {}): Form => ({
  ...EMPTY, site: 'c-m-1', name: 'web', image: 'default/tiny', ...change
});
const image: Image = {
  metadata: { name: 'tiny', namespace: 'default' },
  spec:     { displayName: 'tiny', sourceType: 'download' },
  status:   { virtualSize: 12 * 2 ** 30, storageClassName: 'lh-tiny' },
};

describe('check', () => {
  it.each([
    ['a form that is right', form(), []],
    ['nothing filled in', EMPTY, ['image', 'name', 'site']],
    ['a name that is none', form({ name: 'Web_1' }), ['name']],
    ['a name too long', form({ name: 'a'.repeat(64) }), ['name']],
    ['half a core', form({ cpu: 1.5 }), ['cpu']],
    ['no memory', form({ memory: 0 }), ['memory']],
    ['less memory than can be said', form({ memory: 0.0001 }), ['memory']],
    ['an emptied memory', form({ memory: NaN }), ['memory']],
    ['an emptied number', form({ disk: NaN }), ['disk']],
    ['a private key', form({ sshKey: '-----BEGIN OPENSSH PRIVATE KEY-----' }), ['sshKey']],
    ['a key for a script', form({ sshKey: 'ssh-rsa AAAA', userData: '#!/bin/sh' }), ['sshKey']],
    ['cloud-init without its header', form({ userData: 'hostname: web' }), ['userData']],
    ['cloud-init too long to go inline', form({ userData: `#cloud-config\na: ${ 'x'.repeat(2048) }` }), ['userData']],
  ])('%s', (_reason, f, want) => {
    expect(Object.keys(check(f)).sort()).toStrictEqual(want);
  });

  it('wants a disk that holds the image', () => {
    expect(check(form({ disk: 10 }), image).disk).toStrictEqual({ key: 'croft.form.error.disk', args: { least: 12 } });
    expect(check(form({ disk: 12 }), image)).toStrictEqual({});
  });
});

describe('another site', () => {
  const offer = {
    images: [image], namespaces: ['default', 'web'], networks: ['default/vlan1']
  };

  it.each([
    ['keeps what it has too', {
      namespace: 'web', image: 'default/tiny', network: 'default/vlan1'
    }, offer, {}],
    ['has no such image', { image: 'default/other' }, offer, { image: '' }],
    ['has no such network', { network: 'default/vlan2' }, offer, { network: '' }],
    ['has no such namespace', { namespace: 'gone' }, offer, { namespace: 'default' }],
    ['has no namespace of the usual name either', { namespace: 'gone' }, { ...offer, namespaces: ['a', 'b'] }, { namespace: 'a' }],
    ['does not tell its namespaces', { namespace: 'web' }, { ...offer, namespaces: [] }, {}],
  ])('%s', (_reason, change, found, want) => {
    const before = form({ image: 'default/tiny', ...change });

    expect(moved(before, found)).toStrictEqual({
      namespace: before.namespace, image: before.image, network: before.network, ...want
    });
  });
});

describe('virtualMachine', () => {
  it('has Harvester’s shape', () => {
    const vm = virtualMachine(form({
      cpu: 2, memory: 1.5, disk: 12, sshKey: 'ssh-rsa AAAA'
    }), image, 'x7k2p');

    expect(vm.metadata).toMatchObject({
      name: 'web', namespace: 'default', labels: { 'harvesterhci.io/creator': 'harvester' }
    });
    expect(JSON.parse(vm.metadata.annotations?.['harvesterhci.io/volumeClaimTemplates'] ?? '')).toStrictEqual([{
      metadata: { name: 'web-disk-0-x7k2p', annotations: { 'harvesterhci.io/imageId': 'default/tiny' } },
      spec:     {
        accessModes: ['ReadWriteMany'], volumeMode: 'Block', storageClassName: 'lh-tiny', resources: { requests: { storage: '12Gi' } }
      },
    }]);
    expect(vm.spec.runStrategy).toBe('RerunOnFailure');
    // Harvester's Terraform provider reads the names of the keys here, and of a machine without it nothing.
    expect(vm.spec.template.metadata?.annotations).toStrictEqual({ 'harvesterhci.io/sshNames': '[]' });
    expect(vm.spec.template.spec.domain).toMatchObject({
      cpu: {
        cores: 2, sockets: 1, threads: 1
      },
      resources: { limits: { cpu: '2', memory: '1536Mi' } }
    });
    expect(vm.spec.template.spec.volumes).toStrictEqual([
      { name: 'disk-0', persistentVolumeClaim: { claimName: 'web-disk-0-x7k2p' } },
      { name: 'cloudinitdisk', cloudInitNoCloud: { userData: '#cloud-config\nssh_authorized_keys:\n  - ssh-rsa AAAA\n' } },
    ]);
  });

  it.each([
    ['the pod network is behind the node', '', { masquerade: {} }, { name: 'default', pod: {} }],
    ['another network is bridged', 'default/vlan1', { bridge: {} }, { name: 'default', multus: { networkName: 'default/vlan1' } }],
  ])('%s', (_reason, network, nic, want) => {
    const { domain, networks } = virtualMachine(form({ network }), image, 'x').spec.template.spec;

    expect(domain.devices.interfaces).toStrictEqual([{
      name: 'default', model: 'virtio', ...nic
    }]);
    expect(networks).toStrictEqual([want]);
  });
});

describe('placed', () => {
  it.each([
    ['memory', 'spec.template.spec.domain.resources.limits.memory', 'memory'],
    ['cores', 'spec.template.spec.domain.cpu.cores', 'cpu'],
    ['the claim', 'metadata.annotations[harvesterhci.io/volumeClaimTemplates]', 'disk'],
    ['the image of the claim', 'metadata.annotations[harvesterhci.io/imageId]', 'image'],
    ['cloud-init', 'spec.template.spec.volumes[1].cloudInitNoCloud', 'userData'],
    ['a network', 'spec.template.spec.networks[0].multus.networkName', 'network'],
    ['the name', 'metadata.name', 'name'],
    ['no field of the form', 'spec.other', 'all'],
    ['no field at all', '', 'all'],
  ])('%s', (_reason, fieldName, want) => {
    expect(placed(new ApiError(422, 'Invalid', 'no', fieldName))).toStrictEqual({ [want]: { text: 'no' } });
  });

  it('says of a name that is taken that it is, at the name', () => {
    expect(placed(new ApiError(409, 'AlreadyExists', 'virtualmachines.kubevirt.io "web" already exists'))).toStrictEqual({ name: { key: 'croft.form.error.taken' } });
    expect(placed(new ApiError(409, 'Conflict', 'The quota is used up.'))).toStrictEqual({ all: { text: 'The quota is used up.' } });
  });
});
