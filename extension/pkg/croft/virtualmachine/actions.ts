/**
 * What can be done with a machine, as its menu shows it: every verb in its place, those that
 * cannot be done now disabled with the reason. The rules are the site's; here is only the order.
 */
import { item, unlessLinked, unlessOffered, type MenuItem } from '../action/menu';
import { virtualMachineVerbs, type VirtualMachineVerb } from '../api/actions.generated';
import type { Resource } from '../api/steve';
import type { Sentence } from '../display/sentence';
import { CONSOLES, type Console } from './right';

/** The verbs of the menu, in the order in which the site's backend declares them. */
export const VERBS = virtualMachineVerbs;
export type Verb = VirtualMachineVerb;

export type Entry = Verb | Console | 'edit' | 'delete';

/** Entries that ask before they act, since what they end cannot be had back. */
export const GRAVE: readonly Entry[] = ['forceStop', 'delete'];

const HAS_SCREEN = /^(Running|Paused|Migrating|Starting|Stopping)$/i;

/** The screen and the serial line exist while the machine runs somewhere. */
export function unlessHasScreen(state: string): Sentence | undefined {
  return HAS_SCREEN.test(state) ? undefined : { key: 'croft.action.notRunning' };
}

function unlessOpened(kind: Console, state: string, forbidden: Console[]): Sentence | undefined {
  return forbidden.includes(kind) ? { key: 'croft.action.noConsole' } : unlessHasScreen(state);
}

/** The menu of a machine that its site has just described, for a caller who may not open the consoles named. */
export function menu(machine: Resource, state: string, forbidden: Console[] = []): MenuItem<Entry>[] {
  return [
    ...CONSOLES.map((kind) => item<Entry>(kind, unlessOpened(kind, state, forbidden))),
    ...VERBS.map((verb) => item<Entry>(verb, unlessOffered(machine, verb))),
    item<Entry>('edit', unlessLinked(machine, 'update', 'croft.action.noEdit')),
    item<Entry>('delete', unlessLinked(machine, 'remove', 'croft.action.noDelete')),
  ];
}

/** The menu of a machine of which nothing can be asked now: all of it disabled with one reason. */
export function closedMenu(reason: Sentence): MenuItem<Entry>[] {
  return ([...CONSOLES, ...VERBS, 'edit', 'delete'] as Entry[]).map((entry) => item(entry, reason));
}
