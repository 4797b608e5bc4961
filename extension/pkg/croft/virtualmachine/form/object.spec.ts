import type { Image } from '../../api/image';
import type { VirtualMachine } from '../../api/kubevirt';
import { newCard } from './card';
import { newDisk } from './disk';
import { EMPTY, type Form } from './form';
import {
  bare, isSecret, machineOf, read, readNew, written, type Known
} from './object';

const image: Image = {
  metadata: { name: 'tiny', namespace: 'default' },
  spec:     { displayName: 'tiny', sourceType: 'download' },
  status:   { virtualSize: 12 * 2 ** 30, storageClassName: 'lh-tiny' },
};
const known: Known = {
  images: [image], pairs: [{ metadata: { namespace: 'default', name: 'me' }, spec: { publicKey: 'ssh-ed25519 BBBB me\n' } }], random: 'x7k2p'
};
const first = {
  ...newDisk([]), imageName: 'default/tiny', size: 12
};
const form = (change: Partial<Form> = {}): Form => ({
  ...EMPTY, site: 'c-m-1', name: 'web', disks: [first], ...change
});
const claims = (vm: VirtualMachine) => JSON.parse(vm.metadata.annotations?.['harvesterhci.io/volumeClaimTemplates'] ?? '[]');

/** A machine that somebody else made, with what no form knows. */
const FOREIGN: VirtualMachine = {
  apiVersion: 'kubevirt.io/v1',
  kind:       'VirtualMachine',
  metadata:   {
    name:        'old',
    namespace:   'default',
    labels:      { team: 'blue' },
    annotations: {
      note:                                   'x',
      'harvesterhci.io/volumeClaimTemplates': JSON.stringify([
        {
          metadata: { name: 'old-root', annotations: { 'harvesterhci.io/imageId': 'default/tiny', mine: 'y' } },
          spec:     {
            accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', storageClassName: 'fast', resources: { requests: { storage: '12288Mi' } }
          }
        },
        { metadata: { name: 'elsewhere' }, spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } } },
      ]),
    },
  },
  spec: {
    runStrategy: 'Always',
    template:    {
      metadata: { labels: { app: 'db' } },
      spec:     {
        nodeSelector: { zone: 'a' },
        domain:       {
          cpu:       { cores: 2, model: 'host-model' } as never,
          memory:    { guest: '1948Mi' },
          resources: { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '200m', memory: '1366Mi' } },
          firmware:  { uuid: 'u', bootloader: { efi: { secureBoot: false, persistent: true } } } as never,
          devices:   {
            disks: [
              { name: 'cd', cdrom: { bus: 'sata' } }, {
                name: 'root', bootOrder: 1, disk: { bus: 'virtio' }, cache: 'none'
              } as never, { name: 'init', disk: { bus: 'virtio' } },
              { name: 'data', disk: { bus: 'scsi' } }, { name: 'lun', lun: { bus: 'scsi' } },
            ],
            interfaces: [{
              name: 'default', model: 'virtio', macAddress: '02:00:00:00:00:01', masquerade: { x: 1 }
            }, { name: 'odd', binding: { name: 'passt' } } as never],
          },
        },
        networks: [{ name: 'default', pod: { vmNetworkCIDR: '10.0.2.0/24' } }, { name: 'odd', multus: { networkName: 'default/vlan1' } }],
        volumes:  [
          { name: 'root', persistentVolumeClaim: { claimName: 'old-root' } }, { name: 'init', cloudInitNoCloud: { userData: '#cloud-config\n', networkData: 'version: 2' } },
          { name: 'data', persistentVolumeClaim: { claimName: 'shared', hotpluggable: true } as never }, { name: 'lun', persistentVolumeClaim: { claimName: 'l' } },
        ],
      },
    },
  },
};

describe('a new machine', () => {
  it('has Harvester’s shape', () => {
    const vm = machineOf(form({
      cores: 2, memory: 1.5, sshKey: 'ssh-rsa AAAA'
    }), known);

    expect(vm.metadata).toMatchObject({
      name: 'web', namespace: 'default', labels: { 'harvesterhci.io/creator': 'harvester' }
    });
    expect(claims(vm)).toStrictEqual([{
      metadata: { name: 'web-disk-0-x7k2p', annotations: { 'harvesterhci.io/imageId': 'default/tiny' } },
      spec:     {
        accessModes: ['ReadWriteMany'], volumeMode: 'Block', storageClassName: 'lh-tiny', resources: { requests: { storage: '12Gi' } }
      },
    }]);
    expect(vm.spec.runStrategy).toBe('RerunOnFailure');
    expect(vm.spec.template.metadata).toStrictEqual({ annotations: { 'harvesterhci.io/sshNames': '[]' }, labels: { 'harvesterhci.io/vmName': 'web' } });
    expect(vm.spec.template.spec).toStrictEqual({
      hostname:                      'web',
      evictionStrategy:              'LiveMigrateIfPossible',
      terminationGracePeriodSeconds: 120,
      domain:                        {
        cpu: {
          cores: 2, sockets: 1, threads: 1
        },
        features:  { acpi: { enabled: true } },
        resources: { limits: { cpu: '2', memory: '1536Mi' } },
        devices:   {
          disks: [{
            name: 'disk-0', bootOrder: 1, disk: { bus: 'virtio' }
          }, { name: 'cloudinitdisk', disk: { bus: 'virtio' } }],
          interfaces: [{
            name: 'default', model: 'virtio', masquerade: {}
          }],
        },
      },
      networks: [{ name: 'default', pod: {} }],
      volumes:  [
        { name: 'disk-0', persistentVolumeClaim: { claimName: 'web-disk-0-x7k2p' } },
        { name: 'cloudinitdisk', cloudInitNoCloud: { userData: '#cloud-config\nssh_authorized_keys:\n  - ssh-rsa AAAA\n' } },
      ],
    });
  });

  it('has every disk of its source, on its bus', () => {
    const blank = {
      ...newDisk([first]), bus: 'scsi', storageClassName: 'fast', size: 1.5
    };
    const cd = {
      ...newDisk([first, blank]), source: 'volume' as const, claim: 'iso', bus: 'sata', type: 'cd-rom' as const, bootOrder: 2
    };
    const vm = machineOf(form({ disks: [first, blank, cd], userData: '' }), known);

    expect(vm.spec.template.spec.domain.devices.disks).toStrictEqual([
      {
        name: 'disk-0', bootOrder: 1, disk: { bus: 'virtio' }
      }, { name: 'disk-1', disk: { bus: 'scsi' } }, {
        name: 'disk-2', bootOrder: 2, cdrom: { bus: 'sata' }
      },
    ]);
    expect(vm.spec.template.spec.volumes?.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName)).toStrictEqual(['web-disk-0-x7k2p', 'web-disk-1-x7k2p', 'iso']);
    expect(claims(vm)).toMatchObject([{ metadata: { name: 'web-disk-0-x7k2p' } }, { metadata: { name: 'web-disk-1-x7k2p' }, spec: { storageClassName: 'fast', resources: { requests: { storage: '1536Mi' } } } }]);
    expect(claims(vm)[1].metadata.annotations).toBeUndefined();
  });

  it('has every card in its network', () => {
    const cards = [newCard([]), {
      ...newCard([newCard([])], ['default/vlan1']), macAddress: '02:00:00:00:00:02', model: 'e1000'
    }];
    const { domain, networks } = machineOf(form({ cards }), known).spec.template.spec;

    expect(domain.devices.interfaces).toStrictEqual([{
      name: 'default', model: 'virtio', masquerade: {}
    }, {
      name: 'nic-1', model: 'e1000', macAddress: '02:00:00:00:00:02', bridge: {}
    }]);
    expect(networks).toStrictEqual([{ name: 'default', pod: {} }, { name: 'nic-1', multus: { networkName: 'default/vlan1' } }]);
  });

  it.each<[string, Partial<Form>, unknown]>([
    ['an instance type of the site in the place of a size', { instanceType: 'small' }, { spec: { instancetype: { kind: 'VirtualMachineClusterInstancetype', name: 'small' }, template: { spec: { domain: { resources: {} } } } } }],
    ['one of the namespace', { instanceType: '/small' }, { spec: { instancetype: { kind: 'VirtualMachineInstancetype', name: 'small' } } }],
    ['sockets and threads', {
      cores: 2, sockets: 3, threads: 2
    }, {
      spec: {
        template: {
          spec: {
            domain: {
              cpu: {
                cores: 2, sockets: 3, threads: 2
              },
              resources: { limits: { cpu: '12' } }
            }
          }
        }
      }
    }],
    ['EFI', { efi: true }, { spec: { template: { spec: { domain: { firmware: { bootloader: { efi: { secureBoot: false } } }, features: { acpi: { enabled: true } } } } } } }],
    ['secure boot, with what it needs', { efi: true, secureBoot: true }, { spec: { template: { spec: { domain: { firmware: { bootloader: { efi: { secureBoot: true } } }, features: { smm: { enabled: true } } } } } } }],
    ['a TPM', { tpm: true }, { spec: { template: { spec: { domain: { devices: { tpm: {} } } } } } }],
    ['a node', { node: 'node-1' }, { spec: { template: { spec: { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } } } } }],
    ['a strategy for maintenance', { maintenance: 'Shutdown' }, { metadata: { labels: { 'harvesterhci.io/maintain-mode-strategy': 'Shutdown' } } }],
    ['a run strategy', { runStrategy: 'Halted' }, { spec: { runStrategy: 'Halted' } }],
    ['a description', { description: ' of us ' }, { metadata: { annotations: { 'field.cattle.io/description': 'of us' } } }],
    ['keys of the site, by their names and in its document', { keys: ['default/me'] }, {
      spec: {
        template: {
          metadata: { annotations: { 'harvesterhci.io/sshNames': '["default/me"]' } },
          spec:     { volumes: [{}, { cloudInitNoCloud: { userData: '#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 BBBB me\n' } }] }
        }
      }
    }],
    ['network data', { networkData: 'version: 2\n' }, { spec: { template: { spec: { volumes: [{}, { cloudInitNoCloud: { networkData: 'version: 2\n' } }] } } } }],
  ])('has %s', (_reason, change, want) => {
    expect(machineOf(form(change), known)).toMatchObject(want as object);
  });

  it('reads as the form that it was made of', () => {
    const made = form({
      cores: 2, sockets: 2, memory: 1.5, efi: true, secureBoot: true, tpm: true, node: 'node-1', maintenance: 'Shutdown', description: 'mine', networkData: 'version: 2', userData: '#cloud-config', disks: [first, { ...newDisk([first]), bus: 'scsi' }]
    });
    const back = readNew(machineOf(made, known), 'c-m-1');

    expect(back).toStrictEqual({ ...made, disks: [{ ...first, storageClassName: 'lh-tiny' }, made.disks[1]] });
  });
});

describe('a machine that is there', () => {
  const before = read(FOREIGN, 'c-m-1');
  const edited = (change: Partial<Form>) => written(FOREIGN, before, { ...before, ...change }, known);

  it('is read as far as the form knows it', () => {
    expect(before).toMatchObject({
      cores: 2, sockets: 1, threads: 1, memory: 2, efi: true, secureBoot: false, tpm: false, node: '', runStrategy: 'Always', networkData: 'version: 2'
    });
    expect(before.disks).toStrictEqual([
      {
        name: 'root', source: 'image', imageName: 'default/tiny', claim: 'old-root', storageClassName: 'fast', size: 12, bootOrder: 1, bus: 'virtio', type: 'disk', pluggable: false
      },
      {
        name: 'data', source: 'volume', imageName: '', claim: 'shared', storageClassName: '', size: NaN, bootOrder: 0, bus: 'scsi', type: 'disk', pluggable: true
      },
    ]);
    expect(before.cards.map(({ name, networkName, type }) => [name, networkName, type])).toStrictEqual([['default', '', 'masquerade'], ['odd', 'default/vlan1', '']]);
  });

  it('is the same where nothing is changed', () => {
    expect(edited({})).toStrictEqual(FOREIGN);
  });

  it('keeps what the form does not know of a disk that is changed, and all other disks', () => {
    const vm = edited({
      disks: [{
        ...before.disks[0], bus: 'sata', size: 20
      }, before.disks[1]]
    });

    expect(vm.spec.template.spec.domain.devices.disks).toStrictEqual([
      {
        name: 'root', bootOrder: 1, disk: { bus: 'sata' }, cache: 'none'
      }, { name: 'data', disk: { bus: 'scsi' } }, { name: 'cd', cdrom: { bus: 'sata' } },
      { name: 'init', disk: { bus: 'virtio' } }, { name: 'lun', lun: { bus: 'scsi' } },
    ]);
    expect(claims(vm)).toStrictEqual([
      {
        metadata: { name: 'old-root', annotations: { 'harvesterhci.io/imageId': 'default/tiny', mine: 'y' } },
        spec:     {
          accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', storageClassName: 'fast', resources: { requests: { storage: '20Gi' } }
        }
      },
      { metadata: { name: 'elsewhere' }, spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } } },
    ]);
    expect(vm.spec.template.spec.volumes?.find(({ name }) => name === 'data')).toStrictEqual({ name: 'data', persistentVolumeClaim: { claimName: 'shared', hotpluggable: true } });
    expect(vm.metadata.annotations?.note).toBe('x');
  });

  it('gives a disk away with the claim that is made for it, and takes another', () => {
    const another = newDisk(before.disks);
    const vm = edited({ disks: [before.disks[1], another] });

    expect(claims(vm).map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toStrictEqual([`old-${ another.name }-x7k2p`, 'elsewhere']);
    expect(vm.spec.template.spec.volumes?.map(({ name }) => name)).toStrictEqual(['data', another.name, 'init', 'lun']);
  });

  it('says a size without what the site had made of the last', () => {
    expect(edited({ memory: 4, cores: 3 }).spec.template.spec.domain).toMatchObject({
      cpu: {
        cores: 3, sockets: 1, threads: 1, model: 'host-model'
      },
      resources: { limits: { cpu: '3', memory: '4Gi' } }
    });
    expect(edited({ memory: 4 }).spec.template.spec.domain.memory).toBeUndefined();
    expect(edited({ memory: 4 }).spec.template.spec.domain.resources?.requests).toBeUndefined();
  });

  it('keeps the rest of its firmware, of its cards and of where it runs', () => {
    expect(edited({ secureBoot: true }).spec.template.spec.domain.firmware).toStrictEqual({ uuid: 'u', bootloader: { efi: { secureBoot: true, persistent: true } } });
    expect(edited({ efi: false }).spec.template.spec.domain.firmware).toStrictEqual({ uuid: 'u' });
    expect(edited({ node: 'n' }).spec.template.spec.nodeSelector).toStrictEqual({ zone: 'a', 'kubernetes.io/hostname': 'n' });
    expect(edited({ cards: [{ ...before.cards[0], model: 'e1000' }, before.cards[1]] }).spec.template.spec).toMatchObject({
      domain: {
        devices: {
          interfaces: [{
            name: 'default', model: 'e1000', macAddress: '02:00:00:00:00:01', masquerade: { x: 1 }
          }, { name: 'odd', binding: { name: 'passt' } }]
        }
      },
      networks: FOREIGN.spec.template.spec.networks
    });
  });

  it('has a document of which the form knows nothing in a Secret', () => {
    expect([isSecret(FOREIGN), isSecret({ ...bare(), spec: { template: { spec: { domain: { devices: {} }, volumes: [{ name: 'x', cloudInitNoCloud: { secretRef: { name: 's' } } }] } } } })]).toStrictEqual([false, true]);
  });
});
