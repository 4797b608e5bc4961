/**
 * What a machine uses. Where its site has a Prometheus, the last hour of it; else what KubeVirt itself counts on the
 * machine's node, from now on. Either is asked as the caller, by Kubernetes' own proxies to a service and to a pod.
 */
import QUERIES from './metrics.queries.json';

/** Cores, bytes, and bytes a second. */
export const MEASURES = ['cpu', 'memory', 'read', 'written', 'received', 'sent'] as const;
export type Measure = typeof MEASURES[number];

/** One moment; what is not known of it is absent. */
export type Point = { at: number } & Partial<Record<Measure, number>>;

/** What Prometheus answers to a question about a stretch of time: seconds, and numbers as words. */
export interface Matrix {
  data?: { result?: { values?: [number, string][] }[] };
}

/** A measure as a question to Prometheus. Kubernetes' names have nothing in them that would have to be quoted. */
export function queryOf(measure: Measure, namespace: string, name: string): string {
  return QUERIES[measure].replaceAll('NAMESPACE', namespace).replaceAll('NAME', name);
}

/** Answers about all measures as points in their time. */
export function pointsOf(answers: Record<Measure, Matrix>): Point[] {
  const points = new Map<number, Point>();

  MEASURES.forEach((measure) => (answers[measure].data?.result?.[0]?.values ?? []).forEach(([seconds, text]) => {
    const value = Number(text);

    if (Number.isFinite(value)) {
      points.set(seconds, { ...(points.get(seconds) ?? { at: seconds * 1000 }), [measure]: value });
    }
  }));

  return [...points.values()].sort((a, b) => a.at - b.at);
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
