/**
 * What a machine uses. Where its site has a Prometheus, the last hour of it, which the site's backend tells whoever may read
 * the machine; else what KubeVirt itself counts on the machine's node, from now on, by Kubernetes' own proxy to a pod.
 */

/** Cores, bytes, and bytes a second. */
export const MEASURES = ['cpu', 'memory', 'read', 'written', 'received', 'sent'] as const;
export type Measure = typeof MEASURES[number];

/** One moment; what is not known of it is absent. */
export type Point = { at: number } & Partial<Record<Measure, number>>;

/** What the site's backend answers: moments, each with what is known of it. */
export interface Usage {
  points: { at: number; values: Partial<Record<Measure, number>> }[];
}

export function pointsOf({ points }: Usage): Point[] {
  return points.map(({ at, values }) => ({ at, ...values }));
}

/** What KubeVirt counts of a machine: its counters, and its memory as it is. */
const COUNTERS: Record<Exclude<Measure, 'memory'>, string> = {
  cpu:      'kubevirt_vmi_cpu_usage_seconds_total',
  read:     'kubevirt_vmi_storage_read_traffic_bytes_total',
  written:  'kubevirt_vmi_storage_write_traffic_bytes_total',
  received: 'kubevirt_vmi_network_receive_bytes_total',
  sent:     'kubevirt_vmi_network_transmit_bytes_total',
};
const AVAILABLE = 'kubevirt_vmi_memory_available_bytes';
const USABLE = 'kubevirt_vmi_memory_usable_bytes';

const LINE = /^(\w+)\{(.*)\} (\S+)/;

/** The sum of each of a machine's numbers in a text of Prometheus' format, over its disks and network cards. */
export function counted(text: string, namespace: string, name: string): Map<string, number> {
  const sums = new Map<string, number>();

  text.split('\n').forEach((line) => {
    const [, metric, labels = '', value = ''] = LINE.exec(line) ?? [];

    if (metric && `,${ labels },`.includes(`,namespace="${ namespace }",`) && `,${ labels },`.includes(`,name="${ name }",`)) {
      sums.set(metric, (sums.get(metric) ?? 0) + Number(value));
    }
  });

  return sums;
}

/** A moment, by what was counted then and before. A counter that went back has begun anew: nothing is known of it. */
export function between(before: { at: number; sums: Map<string, number> } | undefined, now: { at: number; sums: Map<string, number> }): Point {
  const point: Point = { at: now.at };
  const [available, usable] = [now.sums.get(AVAILABLE), now.sums.get(USABLE)];

  if (available !== undefined && usable !== undefined) {
    point.memory = available - usable;
  }
  Object.entries(COUNTERS).forEach(([measure, metric]) => {
    const [was, is] = [before?.sums.get(metric), now.sums.get(metric)];

    if (before && was !== undefined && is !== undefined && is >= was && now.at > before.at) {
      point[measure as Measure] = (is - was) / ((now.at - before.at) / 1000);
    }
  });

  return point;
}
