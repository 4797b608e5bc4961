/** When something happened to a machine: Kubernetes has three places for it, and often fills one. */
import type { Event } from '../api/kubevirt';

export function timeOf(event: Event): string {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
}

/** The latest first. */
export function byTime(events: Event[]): Event[] {
  return [...events].sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
}
