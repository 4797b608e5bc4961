import { inputOf } from '../action/form';
import {
  described, maintenanceOf, memoryOf, NODE, rolesOf, sentences, type Node
} from './node';

const node = (metadata: Partial<Node['metadata']> = {}, rest: Partial<Node> = {}): Node => ({ metadata: { name: 'node-1', ...metadata }, ...rest });

describe('a node', () => {
  it.each([
    ['none', node(), ''],
    ['each once, whoever says so', node({
      labels: {
        'node-role.kubernetes.io/etcd': 'true', 'node-role.harvesterhci.io/management': 'true', 'node-role.kubernetes.io/management': '', 'kubernetes.io/os': 'linux'
      }
    }), 'etcd, management'],
  ])('has roles: %s', (_reason, of, want) => {
    expect(rolesOf(of)).toBe(want);
  });

  it.each([
    ['at work', node(), ''],
    ['cordoned', node({}, { spec: { unschedulable: true } }), 'cordoned'],
    ['being emptied', node({ annotations: { 'harvesterhci.io/maintain-status': 'running' } }, { spec: { unschedulable: true } }), 'running'],
  ])('is %s', (_reason, of, want) => {
    expect(maintenanceOf(of)).toBe(want);
  });

  it('shows its memory as people count it', () => {
    expect(memoryOf(node({}, { status: { capacity: { memory: '16384Ki' } } }))).toBe('16 MiB');
    expect(memoryOf(node())).toBe('');
  });

  it('names the machines that stand in the way of maintenance', () => {
    expect(sentences([{ message: 'They cannot move', vms: ['default/a', 'default/b'] }, { message: 'none', vms: [] }])).toStrictEqual([{ text: 'They cannot move: default/a, default/b' }]);
    expect(sentences(undefined)).toStrictEqual([]);
  });

  it('forgets what was emptied, and nothing else', () => {
    const before = node({ annotations: { 'harvesterhci.io/host-custom-name': 'old', other: 'kept' } });

    expect(described(before, { customName: '', consoleUrl: 'https://bmc' }).metadata.annotations).toStrictEqual({ other: 'kept', 'harvesterhci.io/host-console-url': 'https://bmc' });
  });

  it('is forced in the words that Harvester reads', () => {
    expect(inputOf(NODE.forms?.enableMaintenanceMode ?? {}, { force: true })).toStrictEqual({ force: 'true' });
  });
});
