/** When something happened to a machine: Kubernetes has three places for it, and often fills one. */
import type { Event } from '../api/kubevirt';

export function timeOf(event: Event): string {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
}

/** The latest first. */
export function byTime(events: Event[]): Event[] {
  return [...events].sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
}

/** What was told for one reason. */
export interface Told {
  latest: Event;
  /** The others, the latest first. */
  earlier: Event[];
  /** How often it happened: an event may stand for many. */
  times: number;
}

/** One entry a reason, so that a machine that moves about is not nothing but its moves. The latest first. */
export function byReason(events: Event[]): Told[] {
  const told = new Map<string, Told>();

  for (const event of byTime(events)) {
    const reason = event.reason ?? '';
    const before = told.get(reason);

    before?.earlier.push(event);
    told.set(reason, { ...(before ?? { latest: event, earlier: [] }), times: (before?.times ?? 0) + (event.count ?? 1) });
  }

  return [...told.values()];
}
