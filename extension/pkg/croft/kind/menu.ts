/** The menu of one object of a kind, in its order: the kind's actions, its files, editing and deleting. */
import { item, unlessLinked, unlessOffered, type MenuItem } from '../action/menu';
import type { Resource } from '../api/steve';
import type { Sentence } from '../display/sentence';
import type { Kind } from './kind';

export const EDIT = 'edit';
export const DELETE = 'delete';

/** The menu where nothing can be done now, for one reason: it has every entry all the same. */
export function closedMenuOf<T extends Resource>(kind: Kind<T>, reason: Sentence): MenuItem[] {
  return [...kind.verbs, ...(kind.files ?? []), ...(kind.edit ? [EDIT] : []), DELETE].map((entry) => item(entry, reason));
}

export function menuOf<T extends Resource>(kind: Kind<T>, object: T): MenuItem[] {
  return [
    ...kind.verbs.map((verb) => item(verb, unlessOffered(object, verb))),
    ...(kind.files ?? []).map((link) => item(link, object.links?.[link] ? undefined : { key: 'croft.action.notOffered' })),
    ...(kind.edit ? [item(EDIT, unlessLinked(object, 'update', 'croft.action.noEdit'))] : []),
    item(DELETE, unlessLinked(object, 'remove', 'croft.action.noRemove')),
  ];
}

/** Whether an entry is asked about before it is done. */
export function asks<T extends Resource>(kind: Kind<T>, entry: string): boolean {
  return entry === DELETE || entry === EDIT || !!kind.forms?.[entry] || !!kind.grave?.includes(entry) || !!kind.notes?.[entry];
}
