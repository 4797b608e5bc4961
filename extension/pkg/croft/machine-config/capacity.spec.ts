import { parse } from '../display/quantity';
import {
  isOpen, needOf, overcommitOf, requestOf, roomsOf, shareOf, sizeOf, type Node, type Pod
} from './capacity';
import { read } from './config';

const GIB = 2 ** 30;
const OVERHEAD = 236 * 2 ** 20;

function node(part: Partial<Node> = {}, annotations: Record<string, string> = {}): Node {
  return {
    metadata: {
      name: 'a', annotations, labels: { cpumanager: 'true' }
    },
    status: {
      allocatable: {
        cpu: '8', memory: '32Gi', 'nvidia.com/A2': '2', 'devices.kubevirt.io/kvm': '1k'
      },
      conditions: [{ type: 'Ready', status: 'True' }]
    },
    ...part,
  };
}

function pod(nodeName: string, phase: string, requests: Record<string, string>): Pod {
  return {
    metadata: { name: 'p' }, spec: { nodeName, containers: [{ resources: { requests } }] }, status: { phase }
  };
}

describe('a node', () => {
  it.each([
    ['that is ready', node(), true],
    ['that is not', node({ status: { conditions: [{ type: 'Ready', status: 'False' }] } }), false],
    ['that never said how it is', node({ status: {} }), false],
    ['that takes no more', node({ spec: { unschedulable: true } }), false],
    ['that is kept for others', node({ spec: { taints: [{ effect: 'NoSchedule' }] } }), false],
    ['that others are preferred to', node({ spec: { taints: [{ effect: 'PreferNoSchedule' }] } }), true],
  ])('%s', (_reason, one, want) => {
    expect(isOpen(one)).toBe(want);
  });

  it('has left what its pods have not requested', () => {
    const pods = [pod('a', 'Running', {
      cpu: '1500m', memory: '2Gi', 'nvidia.com/A2': '1'
    }), pod('a', 'Succeeded', { cpu: '4' }), pod('b', 'Running', { cpu: '4' })];

    expect(roomsOf([node(), node({ spec: { unschedulable: true } })], pods)).toStrictEqual([{
      name: 'a', cpu: 6.5, memory: 30 * GIB, pins: true, devices: { 'nvidia.com/A2': 1 }, labels: { cpumanager: 'true' }
    }]);
  });

  it.each([
    ['what Rancher has written down', '{"cpu":"3","memory":"2Gi"}', 5],
    ['unless it cannot be read', '{', 7],
  ])('has left %s', (_reason, written, want) => {
    expect(roomsOf([node({}, { 'management.cattle.io/pod-requests': written })], [pod('a', 'Running', { cpu: '1' })])[0].cpu).toBe(want);
  });
});

describe('a pod', () => {
  it.each([
    ['its containers together', { containers: ['1', '500m'] }, 1.5],
    ['the greediest of those before them', { containers: ['1'], initContainers: ['2', '1'] }, 2],
    ['with what it costs', { containers: ['1'], overhead: { cpu: '250m' } }, 1.25],
    ['nothing', {}, 0],
  ])('requests %s', (_reason, spec, want) => {
    const of = (list?: string[]) => list?.map((cpu) => ({ resources: { requests: { cpu } } }));
    const { containers, initContainers, overhead } = spec as { containers?: string[]; initContainers?: string[]; overhead?: Record<string, string> };

    expect(requestOf({
      metadata: { name: 'p' },
      spec:     {
        containers: of(containers), initContainers: of(initContainers), overhead
      }
    }, 'cpu')).toBe(want);
  });
});

describe('the overcommit', () => {
  it.each([
    ['what nobody has set', undefined, { cpu: 1000, memory: 150 }],
    ['what was set', '{"cpu":200,"memory":120,"storage":100}', { cpu: 200, memory: 120 }],
    ['what was left out is promised once', '{"cpu":200}', { cpu: 200, memory: 100 }],
    ['what cannot be read', 'x', { cpu: 1000, memory: 150 }],
  ])('is %s', (_reason, value, want) => {
    expect(overcommitOf(value)).toMatchObject(want);
  });
});

const SMALL = { metadata: { name: 'small' }, spec: { cpu: { guest: 1, dedicatedCPUPlacement: true }, memory: { guest: '2Gi' } } };

describe('a machine', () => {
  const twice = { cpu: 200, memory: 200 };

  it.each([
    ['half of its size where all is promised twice', {}, undefined, 1, 2 * GIB + OVERHEAD],
    ['processors of its own whole', { cpuPinning: true }, undefined, 2, 2 * GIB + OVERHEAD],
    ['and one for the emulator', { cpuPinning: true, isolateEmulatorThread: true }, undefined, 3, 2 * GIB + OVERHEAD],
    ['the size of its type', {}, SMALL, 1, 2 * GIB + 228 * 2 ** 20],
  ])('requests %s', (_reason, config, type, cpu, memory) => {
    expect(needOf(read(config), twice, type)).toMatchObject({ cpu, memory });
  });

  it('requests a device as often as it has it', () => {
    const gpus = [{ name: 'a', deviceName: 'nvidia.com/A2' }, { name: 'b', deviceName: 'nvidia.com/A2' }, { name: '', deviceName: '' }];

    expect(needOf({ ...read({}), gpus }, twice).devices).toStrictEqual({ 'nvidia.com/A2': 2 });
  });

  it('has the size of its type', () => {
    expect(sizeOf(read({}), SMALL)).toStrictEqual({
      cpu: 1, memory: parse('2Gi'), pinned: true
    });
  });
});

describe('the share of a namespace', () => {
  const form = read({});
  const share = (hard: Record<string, string>, used: Record<string, string> = {}) => ({ metadata: { name: 'q' }, status: { hard, used } });

  it.each([
    ['no limit', [], {}],
    ['what is left', [share({ 'limits.cpu': '8', configmaps: '5' }, { 'limits.cpu': '3' })], { 'limits.cpu': { left: 5, takes: 2 } }],
    ['the lowest of several', [share({ 'limits.cpu': '8' }), share({ 'limits.cpu': '4' })], { 'limits.cpu': { left: 4, takes: 2 } }],
    ['storage', [share({ 'requests.storage': '100Gi' }, { 'requests.storage': '10Gi' })], { 'requests.storage': { left: 90 * GIB, takes: 40 * GIB } }],
  ])('is %s', (_reason, shares, want) => {
    expect(shareOf(shares, form, needOf(form, { cpu: 100, memory: 100 }))).toStrictEqual(want);
  });
});
