/** One action for many objects at many sites, as the hub does it: in waves, after a dry run, with as many failures as are allowed. */
import type { Question } from '../api/feed';
import type { Resource } from '../api/steve';
import type { VirtualMachineVerb } from '../api/actions.generated';
import type { Sentence } from '../display/sentence';

/** The rows that are meant, in the words of the list. */
export interface Selector {
  ids?: string[];
  filter?: string[];
  search?: string;
  site?: string;
  all?: true;
}

export interface Counts {
  total: number;
  allowed: number;
  pending: number;
  sent: number;
  succeeded: number;
  skipped: number;
  failed: number;
  unknown: number;
}

export interface Item {
  /** Site, namespace and name. */
  id: string;
  state: 'Pending' | 'Sent' | 'Succeeded' | 'Skipped' | 'Failed' | 'Unknown';
  /** What the site said when it was asked beforehand. */
  check?: 'Allowed' | 'Refused' | 'Unreachable';
  message?: string;
  sentTime?: string;
}

export interface Operation extends Resource {
  spec: {
    type: string;
    action: string;
    creator: { username: string };
    selector: Selector;
    waveSize?: number;
    failures?: { max?: number | string; then?: 'Pause' | 'Fail' };
    mode?: 'DryRun' | 'Run' | 'Pause' | 'Cancel';
  };
  status: {
    phase?: string;
    message?: string;
    counts: Counts;
    items?: Item[];
    endTime?: string;
  };
}

/** The most objects that one operation is about. */
export const MOST = 1_000;

/** Actions that make sense for many machines at once: those that ask for nothing of the one machine. */
export const BULK: readonly VirtualMachineVerb[] = ['start', 'stop', 'restart', 'softreboot', 'pause', 'unpause', 'migrate', 'abortMigration', 'forceStop'];

/** What a list shows, or the rows that were chosen in it, as a selector. */
export function selectorOf(chosen: Question | readonly string[]): Selector {
  if (!('resourceType' in chosen)) {
    return { ids: [...chosen] };
  }

  const { resourceType: _type, ...rest } = chosen;

  return Object.keys(rest).length ? rest : { all: true };
}

/** What is told to the hub: it begins as a dry run. `max` is a number or a percentage. */
export function orderOf(type: string, action: string, selector: Selector, waveSize: number, max: string, then: string): Record<string, unknown> {
  const failures = { max: max.trim().endsWith('%') ? max.trim() : Number(max), then };

  return {
    spec: {
      type, action, selector, waveSize, failures, mode: 'DryRun'
    }
  };
}

const MAX = /^(\d+|([0-9]|[1-9][0-9]|100)%)$/;

/** What is wrong with the most failures that are allowed, if anything is. */
export function unlessMost(max: string): Sentence | undefined {
  return MAX.test(max.trim()) ? undefined : { key: 'croft.bulkoperation.error.max' };
}

/** Why an operation of so many objects cannot be made, if it cannot. */
export function unlessFew(count: number): Sentence | undefined {
  return count > MOST ? { key: 'croft.bulkoperation.error.many', args: { count, most: MOST } } : undefined;
}

const ENDED = ['Completed', 'Failed', 'Cancelled'];

export function ended({ status }: Operation): boolean {
  return ENDED.includes(status.phase ?? '');
}

export type Choice = 'run' | 'pause' | 'cancel';
export const CHOICES: readonly Choice[] = ['run', 'pause', 'cancel'];

/** Why an operation cannot be told something now, if it cannot. The hub's rules; here is only what they mean. */
export function unless(choice: Choice, operation: Operation): Sentence | undefined {
  if (operation.actions?.[choice]) {
    return choice === 'run' && operation.status.phase === 'Running' ? { key: 'croft.bulkoperation.unless.running' } : undefined;
  }
  if (ended(operation)) {
    return { key: 'croft.bulkoperation.unless.ended' };
  }

  return { key: `croft.bulkoperation.unless.${ choice === 'pause' ? 'notRunning' : 'foreign' }` };
}

/** The parts of an operation's bar, in its order. */
export const PARTS = ['succeeded', 'skipped', 'failed', 'unknown', 'sent', 'pending'] as const;

/** How much of an operation has its end, in percent. */
export function percent({ total, pending, sent }: Counts): number {
  return total ? Math.floor(100 * (total - pending - sent) / total) : 0;
}

/** Where an item's object is. */
export function placeOf({ id }: Item): { site: string; namespace: string; name: string } {
  const parts = id.split('/');

  return {
    site: parts[0], namespace: parts.length > 2 ? parts[1] : '', name: parts[parts.length - 1]
  };
}

/** Items that a reader looks for: in a state, or refused in the dry run. */
export function itemsOf(items: readonly Item[], wanted: string): Item[] {
  return items.filter(({ state, check }) => !wanted || state === wanted || check === wanted);
}
