import { scaled } from './autoscale';
import { read } from './config';
import { newDisk } from './disk';

const SMALL = { metadata: { name: 'small' }, spec: { cpu: { guest: 1 }, memory: { guest: '512Mi' } } };
const told = (cpu: string, memory: string, storage = '40Gi') => ({
  'cluster.provisioning.cattle.io/autoscaler-resource-cpu':               cpu,
  'cluster.provisioning.cattle.io/autoscaler-resource-memory':            memory,
  'cluster.provisioning.cattle.io/autoscaler-resource-ephemeral-storage': storage,
});

describe('what the autoscaler is told of a pool', () => {
  const form = (more = {}) => ({
    ...read({}), cpuCount: 4, memorySize: 8, disks: [newDisk(true)], ...more
  });

  it.each<[string, object, object]>([
    ['the form’s size', form(), told('4', '8192Mi')],
    ['an instance type’s size', form({ instanceType: 'small' }), told('1', '512Mi')],
    ['one of the namespace', form({ instanceType: '/own' }), told('2', '1024Mi')],
    ['the disk that it boots from', form({ disks: [{ ...newDisk(false), size: 7 }, { ...newDisk(true), size: 20 }] }), told('4', '8192Mi', '20Gi')],
    ['nothing of a type that is not known', form({ instanceType: 'gone' }), { 'cluster.provisioning.cattle.io/autoscaler-resource-ephemeral-storage': '40Gi' }],
    ['nothing of what is no number yet', form({
      cpuCount: NaN, memorySize: NaN, disks: []
    }), {}],
  ])('%s', (_, of, want) => {
    const own = { metadata: { name: 'own' }, spec: { cpu: { guest: 2 }, memory: { guest: '1Gi' } } };

    expect(scaled(undefined, of as never, { types: [SMALL], ownTypes: [own] } as never)).toStrictEqual(want);
  });

  it('leaves what others wrote, and replaces what it said before', () => {
    const bounds = { 'cluster.provisioning.cattle.io/autoscaler-max-size': '5' };

    expect(scaled({ ...bounds, ...told('64', '1Mi') }, form(), {})).toStrictEqual({ ...bounds, ...told('4', '8192Mi') });
  });
});
