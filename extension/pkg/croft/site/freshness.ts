/** What a page says of sites that are away, or of which it shows only a part. */
import type { Site, SiteFreshness } from '../api/fleet';
import type { Sentence } from '../display/sentence';
import { age } from '../display/age';

/** What is known of a site's connection. */
type Connection = Pick<SiteFreshness, 'name' | 'connected' | 'lastHeard'>;

/** Why nothing can be asked of the site now, if nothing can. */
export function unlessConnected(site: Connection | undefined, now: number): Sentence | undefined {
  if (!site || site.connected) {
    return undefined;
  }

  const since = age(site.lastHeard, now);

  return since ? { key: 'croft.site.away', args: { site: site.name, age: since } } : { key: 'croft.site.neverHeard', args: { site: site.name } };
}

/** What to say above rows of a site that is away. */
function aboveRows(site: Connection, now: number): Sentence {
  const since = age(site.lastHeard, now);

  return since ? { key: 'croft.site.stale', args: { site: site.name, age: since } } : { key: 'croft.site.neverHeard', args: { site: site.name } };
}

/** What to say of a site whose rows are not all here. */
function incomplete({
  name, complete, synced, message
}: SiteFreshness): Sentence | undefined {
  if (complete) {
    return undefined;
  }
  if (!synced) {
    return { key: 'croft.site.syncing', args: { site: name, message } };
  }

  return message ? { text: `${ name }: ${ message }` } : { key: 'croft.site.incomplete', args: { site: name } };
}

/** What to say of a site whose rows are all here, but whose changes do not arrive now. */
function unfollowed({ name, synced, message }: SiteFreshness): Sentence | undefined {
  return synced ? undefined : { key: 'croft.site.interrupted', args: { site: name, message } };
}

/** What to say above a list, one sentence a site; nothing of sites whose rows are all here and fresh. */
export function notices(sites: SiteFreshness[] | undefined, now: number): { id: string; sentence: Sentence }[] {
  return (sites ?? []).flatMap((site) => {
    if (!site.connected) {
      return [{ id: site.id, sentence: aboveRows(site, now) }];
    }

    const sentence = incomplete(site) ?? unfollowed(site);

    return sentence ? [{ id: site.id, sentence }] : [];
  });
}

/** The state of a site in one word, with its reason: the first condition that is not met. */
export function stateOf(site: Site): { name: string; message: string } {
  const condition = (type: string) => site.conditions?.find((c) => c.type === type);
  const connected = condition('Connected');
  const synced = condition('Synced');

  if (connected && connected.status !== 'True') {
    return { name: 'Away', message: connected.message ?? '' };
  }
  if (synced && synced.status !== 'True') {
    return { name: 'Syncing', message: synced.message ?? '' };
  }

  return { name: connected ? 'Connected' : 'Unknown', message: '' };
}

/** A name to call the site by. */
export function nameOf(site: Pick<Site, 'id' | 'name' | 'displayName'>): string {
  return site.displayName || site.name || site.id;
}

/** Whether the site can be asked for anything now. */
export function isConnected(site: Site): boolean {
  return stateOf(site).name !== 'Away';
}
