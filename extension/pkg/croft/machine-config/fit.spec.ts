import {
  fit, type Fit, type Need, type Room, type Share
} from './fit';

const GIB = 2 ** 30;
const room = (name: string, cpu: number, gib: number, more: Partial<Room> = {}): Room => ({
  name, cpu, memory: gib * GIB, pins: false, devices: {}, ...more
});
const need = (cpu: number, gib: number, more: Partial<Need> = {}): Need => ({
  cpu, memory: gib * GIB, pinned: false, devices: {}, ...more
});
const GPU = { 'nvidia.com/A2': 2 };
const TWO = [room('a', 8, 32), room('b', 4, 32)];

describe('fit', () => {
  it.each<[string, Room[], Need, Share, boolean, Partial<Fit>]>([
    ['each node takes what it has room for', TWO, need(2, 4), {}, false, {
      count: 6, nodes: [{ name: 'a', count: 4 }, { name: 'b', count: 2 }], by: 'cpu'
    }],
    ['what is left of two nodes is not put together', [room('a', 3, 9), room('b', 3, 9)], need(2, 4), {}, false, { count: 2 }],
    ['memory runs out first', TWO, need(1, 16), {}, false, { count: 4, by: 'memory' }],
    ['no node is large enough', TWO, need(16, 4), {}, false, {
      count: 0, nodes: [], by: 'cpu'
    }],
    ['a node that has promised more than it has takes none', [room('a', -2, 32)], need(1, 1), {}, false, { count: 0, by: 'cpu' }],
    ['there is no node', [], need(1, 1), {}, false, { count: 0, by: 'nodes' }],
    ['tenths are counted as they are meant', [room('a', 0.3, 32)], need(0.1, 1), {}, false, { count: 3 }],
    ['each on its own', TWO, need(1, 1), {}, true, { count: 2, by: 'nodes' }],
    ['each on its own, where one is full', [room('a', 8, 32), room('b', 0, 32)], need(1, 1), {}, true, { count: 1, by: 'nodes' }],
    ['each on its own, where all are full', [room('a', 0, 32)], need(1, 1), {}, true, { count: 0, by: 'cpu' }],
    ['a device', [room('a', 8, 32, { devices: GPU }), room('b', 8, 32)], need(1, 1, { devices: { 'nvidia.com/A2': 1 } }), {}, false, {
      count: 2, nodes: [{ name: 'a', count: 2 }], by: 'nvidia.com/A2'
    }],
    ['more devices than a node has', [room('a', 8, 32, { devices: GPU })], need(1, 1, { devices: { 'nvidia.com/A2': 3 } }), {}, false, { count: 0, by: 'nvidia.com/A2' }],
    ['processors of its own', [room('a', 8, 32, { pins: true }), room('b', 8, 32)], need(2, 1, { pinned: true }), {}, false, { count: 4, nodes: [{ name: 'a', count: 4 }] }],
    ['nobody gives processors away', TWO, need(2, 1, { pinned: true }), {}, false, { count: 0, by: 'pinning' }],
    ['the namespace’s share', TWO, need(2, 4), { 'limits.cpu': { left: 7, takes: 2 } }, false, { count: 3, by: 'limits.cpu' }],
    ['the scarcest limit of the share', TWO, need(2, 4), { 'limits.cpu': { left: 7, takes: 2 }, 'limits.memory': { left: 4, takes: 4 } }, false, { count: 1, by: 'limits.memory' }],
    ['a share that is used up', TWO, need(2, 4), { 'limits.cpu': { left: -1, takes: 2 } }, false, { count: 0, by: 'limits.cpu' }],
    ['a share that is no limit', TWO, need(2, 4), { 'limits.cpu': { left: 100, takes: 2 } }, false, { count: 6, by: 'cpu' }],
    ['a limit on what a machine does not take', TWO, need(2, 4), { pods: { left: 0, takes: 0 } }, false, { count: 6 }],
  ])('%s', (_reason, rooms, size, share, apart, want) => {
    expect(fit(rooms, size, share, apart)).toMatchObject(want);
  });
});
