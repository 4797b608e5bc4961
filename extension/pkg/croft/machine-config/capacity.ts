/** What a site's nodes have left, and what is left of a namespace's share, out of what the site says of them. */
import type { Resource } from '../api/steve';
import { parse } from '../display/quantity';
import type { Form } from './config';
import type { Need, Room, Share } from './fit';

type Quantities = Record<string, string>;

export interface Node extends Resource {
  spec?: { unschedulable?: boolean; taints?: { effect?: string }[] };
  status?: { allocatable?: Quantities; conditions?: { type: string; status: string }[] };
}

interface Container {
  resources?: { requests?: Quantities };
}

export interface Pod extends Resource {
  spec?: { nodeName?: string; containers?: Container[]; initContainers?: Container[]; overhead?: Quantities };
  status?: { phase?: string };
}

/** Kubernetes' limits of a namespace. */
export interface NamespaceShare extends Resource {
  status?: { hard?: Quantities; used?: Quantities };
}

/** How much more than it has a node may promise, in percent. */
export interface Overcommit {
  cpu: number;
  memory: number;
}

/** An instance type of the site or of a namespace. */
export interface InstanceType extends Resource {
  spec?: { cpu?: { guest?: number; dedicatedCPUPlacement?: boolean }; memory?: { guest?: string } };
}

/** Of a form, what says how large its machines are. */
export type Sized = Pick<Form, 'cpuCount' | 'memorySize' | 'cpuPinning' | 'isolateEmulatorThread' | 'instanceType'> & { gpus: { deviceName: string }[]; disks: { size: number }[] };

/** Where Rancher's agent writes down what is requested of a node. */
const REQUESTS = 'management.cattle.io/pod-requests';
const PINS = 'cpumanager';
const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** About what KubeVirt's own processes take beside a guest, and for each of its processors. */
const OVERHEAD = 220 * MIB;
const OVERHEAD_PER_CPU = 8 * MIB;
const GONE = ['Succeeded', 'Failed'];
const NO_OVERCOMMIT: Overcommit = { cpu: 100, memory: 100 };
/** Harvester's setting, where nobody has set it. */
const USUAL: Overcommit = { cpu: 1000, memory: 150 };

function amount(quantity: string | undefined): number {
  return parse(quantity) || 0;
}

/** Whether a new machine may come to the node. */
export function isOpen({ spec, status }: Node): boolean {
  const closed = (spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');

  return !spec?.unschedulable && !closed && (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

/** What Rancher's agent has written down of the node, where it has. */
export function writtenOf({ metadata }: Node): Quantities | undefined {
  try {
    const written: unknown = JSON.parse(metadata.annotations?.[REQUESTS] ?? '');

    return written && typeof written === 'object' ? written as Quantities : undefined;
  } catch {
    return undefined;
  }
}

/** What a pod requests of its node: all of its containers together, or the greediest of those that run before them. */
export function requestOf({ spec }: Pod, resource: string): number {
  const of = ({ resources }: Container) => amount(resources?.requests?.[resource]);
  const together = (spec?.containers ?? []).reduce((sum, container) => sum + of(container), 0);

  return Math.max(together, ...(spec?.initContainers ?? []).map(of)) + amount(spec?.overhead?.[resource]);
}

/** What the nodes that take machines have left. */
export function roomsOf(nodes: Node[], pods: Pod[]): Room[] {
  return nodes.filter(isOpen).map((node) => {
    const allocatable = node.status?.allocatable ?? {};
    const here = pods.filter(({ spec, status }) => spec?.nodeName === node.metadata.name && !GONE.includes(status?.phase ?? ''));
    const written = writtenOf(node);
    const left = (resource: string) => amount(allocatable[resource]) - (written ? amount(written[resource]) : here.reduce((sum, pod) => sum + requestOf(pod, resource), 0));
    const devices = Object.keys(allocatable).filter((resource) => resource.includes('/') && !resource.startsWith('devices.kubevirt.io/'));

    return {
      name:    node.metadata.name,
      cpu:     left('cpu'),
      memory:  left('memory'),
      pins:    node.metadata.labels?.[PINS] === 'true',
      devices: Object.fromEntries(devices.map((device) => [device, left(device)])),
      labels:  node.metadata.labels ?? {},
    };
  });
}

/** The setting `overcommit-config`. */
export function overcommitOf(value: string | undefined): Overcommit {
  try {
    return value ? { ...NO_OVERCOMMIT, ...JSON.parse(value) as Partial<Overcommit> } : USUAL;
  } catch {
    return USUAL;
  }
}

/** The instance type that the form names: one of the namespace has a slash before it. */
export function typeOf({ instanceType }: Pick<Form, 'instanceType'>, { types, ownTypes }: { types?: InstanceType[]; ownTypes?: InstanceType[] }): InstanceType | undefined {
  return (instanceType.startsWith('/') ? ownTypes : types)?.find(({ metadata }) => metadata.name === instanceType.replace('/', ''));
}

/** The size of a machine: the form's, or its instance type's. Memory is in bytes. */
export function sizeOf(form: Sized, type?: InstanceType): { cpu: number; memory: number; pinned: boolean } {
  return type ? {
    cpu: type.spec?.cpu?.guest ?? 0, memory: amount(type.spec?.memory?.guest), pinned: !!type.spec?.cpu?.dedicatedCPUPlacement
  } : {
    cpu: form.cpuCount, memory: form.memorySize * GIB, pinned: form.cpuPinning
  };
}

/** What a machine requests of its node. Processors of its own, and the size of an instance type, are promised once. */
export function needOf(form: Sized, overcommit: Overcommit, type?: InstanceType): Need {
  const { cpu, memory, pinned } = sizeOf(form, type);
  const emulator = pinned && form.isolateEmulatorThread ? 1 : 0;
  const devices = form.gpus.reduce<Record<string, number>>((sum, { deviceName }) => deviceName ? { ...sum, [deviceName]: (sum[deviceName] ?? 0) + 1 } : sum, {});

  return {
    cpu:    pinned ? cpu + emulator : cpu * 100 / overcommit.cpu,
    memory: (type ? memory : memory * 100 / overcommit.memory) + OVERHEAD + cpu * OVERHEAD_PER_CPU,
    pinned,
    devices,
  };
}

/** What machines take of the limits of their namespace, and what is left of them: of several limits of a thing the lowest. */
export function shareOf(shares: NamespaceShare[], form: Sized, need: Need, type?: InstanceType): Share {
  const { cpu, memory } = sizeOf(form, type);
  const overhead = OVERHEAD + cpu * OVERHEAD_PER_CPU;
  const takes: Record<string, number> = {
    'limits.cpu':           cpu,
    'limits.memory':        memory + overhead,
    'requests.cpu':         need.cpu,
    'requests.memory':      need.memory,
    'requests.storage':     form.disks.reduce((sum, { size }) => sum + (size || 0), 0) * GIB,
    persistentvolumeclaims: form.disks.length,
    pods:                   1,
  };
  const share: Share = {};

  for (const { status } of shares) {
    for (const [limit, hard] of Object.entries(status?.hard ?? {})) {
      const left = amount(hard) - amount(status?.used?.[limit]);

      if (limit in takes && left < (share[limit]?.left ?? Infinity)) {
        share[limit] = { left, takes: takes[limit] };
      }
    }
  }

  return share;
}
