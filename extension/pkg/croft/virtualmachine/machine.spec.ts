import type { Instance, InstanceSpec, VirtualMachine } from '../api/kubevirt';
import {
  disks, emptyTrays, filledTrays, lifeOf, networks, summary, yamlOf
} from './machine';
import { stateOf } from './state';

const spec: InstanceSpec = {
  domain: {
    cpu:       { cores: 2, sockets: 2 },
    resources: { limits: { memory: '2Gi' } },
    devices:   {
      disks: [
        {
          name: 'disk-0', bootOrder: 1, disk: { bus: 'virtio' }
        },
        { name: 'iso', cdrom: { bus: 'sata' } },
        { name: 'cloudinitdisk', disk: { bus: 'virtio' } },
        { name: 'lost' },
      ],
      interfaces: [{
        name: 'default', model: 'virtio', masquerade: {}
      }, {
        name: 'vlan', bridge: {}, macAddress: '52:54:00:00:00:01'
      }],
    },
  },
  networks: [{ name: 'default', pod: {} }, { name: 'vlan', multus: { networkName: 'default/vlan1' } }],
  volumes:  [
    { name: 'disk-0', persistentVolumeClaim: { claimName: 'web-disk-0' } },
    { name: 'iso', containerDisk: { image: 'virtio-win' } },
    { name: 'cloudinitdisk', cloudInitNoCloud: {} },
  ],
};

describe('a machine in tables', () => {
  it('counts cores over sockets and reads its memory', () => {
    expect(summary(spec)).toStrictEqual({ cores: 4, memory: 2 * 2 ** 30 });
    expect(summary({ domain: { devices: {}, memory: { guest: '1Gi' } } })).toStrictEqual({ cores: 1, memory: 2 ** 30 });
    expect(summary({ domain: { devices: {} } })).toStrictEqual({ cores: 1, memory: 0 });
  });

  it('tells full drives from empty ones', () => {
    const vm = (volumes: InstanceSpec['volumes']): VirtualMachine => ({ metadata: { name: 'web' }, spec: { template: { spec: { ...spec, volumes } } } });

    expect([filledTrays(vm(spec.volumes)), emptyTrays(vm(spec.volumes))]).toStrictEqual([['iso'], []]);
    expect([filledTrays(vm([])), emptyTrays(vm([]))]).toStrictEqual([[], ['iso']]);
  });

  it('names where each disk’s bytes are', () => {
    expect(disks(spec).map(({
      name, bus, bootOrder, source, kind
    }) => [name, bus, bootOrder, source, kind])).toStrictEqual([
      ['disk-0', 'virtio', '1', 'web-disk-0', 'claim'],
      ['iso', 'sata', '', 'virtio-win', 'containerDisk'],
      ['cloudinitdisk', 'virtio', '', '', 'cloudInit'],
      ['lost', '', '', '', 'other'],
    ]);
  });

  it('joins what a network card should be with what it is', () => {
    const instance: Instance = {
      metadata: { name: 'web' },
      spec,
      status:   {
        interfaces: [{
          name: 'default', ipAddress: '127.21.1.1', mac: '52:54:00:00:00:02'
        }]
      }
    };

    expect(networks(spec, instance)).toStrictEqual([
      {
        name: 'default', network: '', model: 'virtio', mac: '52:54:00:00:00:02', addresses: ['127.21.1.1']
      },
      {
        name: 'vlan', network: 'default/vlan1', model: '', mac: '52:54:00:00:00:01', addresses: []
      },
    ]);
  });

  it.each([
    ['Steve’s state first, in KubeVirt’s spelling', { state: { name: 'errorunschedulable', message: 'no' } }, 'Starting', { name: 'ErrorUnschedulable', message: 'no' }],
    ['a word that nobody knows as it is', { state: { name: 'in-progress' } }, 'Starting', { name: 'in-progress', message: '' }],
    ['else KubeVirt’s', {}, 'Starting', { name: 'Starting', message: '' }],
    ['else none is known', {}, undefined, { name: 'Unknown', message: '' }],
  ])('%s', (_reason, metadata, printableStatus, want) => {
    const machine: VirtualMachine = {
      metadata: { name: 'web', ...metadata }, spec: { template: { spec } }, status: { printableStatus }
    };

    expect(stateOf(machine)).toStrictEqual(want);
  });

  it('is written as kubectl writes it', () => {
    const text = yamlOf({
      id:         'default/web',
      apiVersion: 'kubevirt.io/v1',
      kind:       'VirtualMachine',
      metadata:   {
        name:  'web',
        state: { name: 'running' },
        ...{
          fields: ['web', '5m'], relationships: [], managedFields: [{ manager: 'virt-api' }]
        }
      },
      links: { self: 'url' },
      spec:  { template: { spec: { domain: { devices: {} } } } },
    });

    expect(text).toBe('apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      domain:\n        devices: {}\n');
  });

  it('has another life after a move and after a restart', () => {
    const life = (uid: string, nodeName?: string) => lifeOf({
      metadata: { name: 'web', uid }, spec, status: { nodeName }
    });

    expect(new Set([lifeOf(), life('a'), life('a', 'node-1'), life('a', 'node-2'), life('b', 'node-1')]).size).toBe(5);
  });
});
