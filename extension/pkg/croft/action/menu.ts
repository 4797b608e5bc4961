/** An entry of an object's menu: what can be done now, and why the rest cannot. The rules are the site's. */
import type { Resource } from '../api/steve';
import type { Sentence } from '../display/sentence';

export interface MenuItem<Entry extends string = string> {
  entry: Entry;
  enabled: boolean;
  /** Why it cannot be done now; absent where it can. */
  reason?: Sentence;
}

export function item<Entry extends string>(entry: Entry, unless?: Sentence): MenuItem<Entry> {
  return {
    entry, enabled: !unless, reason: unless
  };
}

/** How many entries have to have a reason in common, so that it is told once for all of them. */
const MANY = 3;

/** The reason that most entries give, where there are many: it is read once. Reasons are as they are said; empty where there is none. */
export function shared(reasons: string[]): string {
  const counts = new Map<string, number>();

  reasons.filter(Boolean).forEach((reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1));
  const [most, count] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['', 0];

  return count >= MANY ? most : '';
}

/** Why the site does not offer an action to the caller now, if it does not. */
export function unlessOffered(object: Resource, verb: string): Sentence | undefined {
  if (object.actions?.[verb]) {
    return undefined;
  }

  // A plain Harvester tells what can be done, and nothing of why the rest cannot.
  if (!object.unavailable) {
    return { key: 'croft.action.noBackend' };
  }

  const sentence = object.unavailable[verb];

  return sentence ? { text: sentence } : { key: 'croft.action.notOffered' };
}

/** Why the caller may not do what a link stands for: a site leaves out those that are not allowed. */
export function unlessLinked(object: Resource, link: 'remove' | 'update', key: string): Sentence | undefined {
  return object.links?.[link] ? undefined : { key };
}
