/** Where a machine fits: a pure choice among the sites, with the reason, and why not at the others. */
import type { Site } from '../../api/fleet';
import { bytes } from '../../display/quantity';
import type { Sentence } from '../../display/sentence';
import { isConnected, nameOf } from '../../site/freshness';

/** What the machines need of their site together. */
export interface Wish {
  /** Processors. */
  cpu: number;
  /** Bytes. */
  memory: number;
  /** Things that the site must have, by what they are, such as `image`: their names. */
  things: Record<string, string[]>;
}

/** Cluster ids of the sites that have a thing, by `<what>/<name>`; one that is not there is not known of any site. */
export type Havers = Record<string, string[]>;

export interface Placed {
  /** Cluster id; absent where it fits nowhere. */
  site?: string;
  reason: Sentence;
  /** Why the others were not chosen. */
  others: Sentence[];
}

/** What is free of a site's processors or memory; undefined where it does not say what it has. */
function free(of: { capacity: number; requested: number } | undefined): number | undefined {
  return of?.capacity ? of.capacity - of.requested : undefined;
}

function say(key: string, site: Site, args: Record<string, string | number> = {}): Sentence {
  return { key: `croft.form.place.${ key }`, args: { site: nameOf(site), ...args } };
}

/** Why the machines do not fit at the site, if they do not. */
export function unlessFits(site: Site, wish: Wish, havers: Havers): Sentence | undefined {
  if (!isConnected(site)) {
    return say('away', site);
  }
  for (const [what, names] of Object.entries(wish.things)) {
    const lacks = names.find((name) => !(havers[`${ what }/${ name }`] ?? [site.id]).includes(site.id));

    if (lacks) {
      return say(what, site, { name: lacks });
    }
  }

  const memory = free(site.memory);

  if (memory !== undefined && memory < wish.memory) {
    return say('memory', site, { free: bytes(memory), wanted: bytes(wish.memory) });
  }

  // Processors are promised more than once; a site has none left only where more are wanted than it has.
  return site.cpu?.capacity && site.cpu.capacity < wish.cpu ? say('cpu', site, { has: site.cpu.capacity, wanted: wish.cpu }) : undefined;
}

/** The site with the most memory free among those where it fits; names decide between equals. */
export function place(sites: Site[], wish: Wish, havers: Havers = {}): Placed {
  const judged = sites.map((site) => ({
    site, unless: unlessFits(site, wish, havers), left: free(site.memory) ?? -1
  }));
  const [best] = judged.filter(({ unless }) => !unless).sort((a, b) => b.left - a.left || nameOf(a.site).localeCompare(nameOf(b.site)));
  const others = judged.filter(({ site }) => site !== best?.site).map(({ site, unless, left }) => unless ?? (left < 0 ? say('unknown', site) : say('less', site, { free: bytes(left) })));

  if (!best) {
    return { reason: { key: 'croft.form.place.nowhere' }, others };
  }

  return {
    site: best.site.id, reason: best.left < 0 ? say('chosenUnknown', best.site) : say('chosen', best.site, { free: bytes(best.left) }), others
  };
}
