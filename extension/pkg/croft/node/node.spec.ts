import { inputOf } from '../action/form';
import * as client from '../api/client';
import { TYPE } from '../api/urls';
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

  it.each([
    ['nothing', undefined, [], []],
    ['the site’s own words', new client.ApiError(409, 'Conflict', 'It is the last node.'), [{ message: 'They cannot move', vms: ['default/a'] }], [{ text: 'It is the last node.' }, { text: 'They cannot move: default/a' }]],
  ])('is told of before its maintenance: %s', async(_reason, refusal, unhealthy, want) => {
    jest.spyOn(client, 'request').mockImplementation(async(url) => {
      if (url.endsWith('listUnhealthyVM')) {
        return unhealthy;
      }
      if (refusal) {
        throw refusal;
      }
    });

    expect(await NODE.notes?.enableMaintenanceMode?.({
      site: 'c-m-1', type: TYPE.node, namespace: '', name: 'node-1'
    })).toStrictEqual(want);
    jest.restoreAllMocks();
  });

  it('forgets what was emptied, and nothing else', () => {
    const before = node({ annotations: { 'harvesterhci.io/host-custom-name': 'old', other: 'kept' } });

    expect(described(before, { customName: '', consoleUrl: 'https://bmc' }).metadata.annotations).toStrictEqual({ other: 'kept', 'harvesterhci.io/host-console-url': 'https://bmc' });
  });

  it('is forced in the words that Harvester reads', () => {
    expect(inputOf(NODE.forms?.enableMaintenanceMode ?? {}, { force: true })).toStrictEqual({ force: 'true' });
  });
});
