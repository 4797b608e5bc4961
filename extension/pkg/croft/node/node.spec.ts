import { inputOf } from '../action/form';
import * as client from '../api/client';
import type { MachineRow } from '../api/fleet';
import { TYPE } from '../api/urls';
import {
  described, maintenanceOf, memoryOf, moving, NODE, rolesOf, sentences, type Node
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
      if (url.startsWith('/v1/croft/')) {
        throw new client.ApiError(503, '', 'no hub');
      }
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

  it.each([
    ['nothing', [], 0, { key: 'croft.node.nothingMoves' }],
    ['two', ['a', 'b'], 2, { key: 'croft.node.moves', args: { count: 2, names: 'default/a, default/b' } }],
    ['more than are named', ['a'], 40, { key: 'croft.node.movesMore', args: { count: 40, names: 'default/a' } }],
  ])('tells before its maintenance what will move: %s', (_reason, names, count, want) => {
    expect(moving({ count, data: names.map((name) => ({ namespace: 'default', name })) as MachineRow[] })).toStrictEqual(want);
  });

  it('asks the hub for what runs on it', async() => {
    const request = jest.spyOn(client, 'request').mockImplementation(async(url) => url.startsWith('/v1/croft/') ? { count: 1, data: [{ namespace: 'default', name: 'a' }] } : []);

    expect(await NODE.notes?.enableMaintenanceMode?.({
      site: 'c-m-1', type: TYPE.node, namespace: '', name: 'node-1'
    })).toStrictEqual([{ key: 'croft.node.moves', args: { count: 1, names: 'default/a' } }]);
    expect(request.mock.calls.map(([url]) => url).filter((url) => url.startsWith('/v1/croft/'))).toStrictEqual(['/v1/croft/virtualmachines?site=c-m-1&filter=node%3Dnode-1&filter=state%21%3DStopped&sort=name&pagesize=10']);
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
