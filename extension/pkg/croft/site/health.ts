/** How a site is, as the hub has found it: one line for each thing that the hub looks at. */
import type { Condition, Site } from '../api/fleet';

/** What the hub looks at, in the order in which a person would ask; True is good, except of the one that ends. */
export const LOOKED_AT = ['Connected', 'Synced', 'Healthy', 'VersionSupported', 'CredentialsExpiring'] as const;
export type LookedAt = typeof LOOKED_AT[number];

export type Verdict = 'Good' | 'Bad' | 'Unknown';

export interface Finding {
  what: LookedAt;
  verdict: Verdict;
  /** The hub's own words. */
  message: string;
  /** Since when. */
  since?: string;
}

export function verdictOf({ type, status }: Condition): Verdict {
  const good = type === 'CredentialsExpiring' ? 'False' : 'True';

  if (status === good) {
    return 'Good';
  }

  return status === 'Unknown' ? 'Unknown' : 'Bad';
}

/** A line for each thing, also for what the hub has not looked at yet. */
export function findings(site: Site): Finding[] {
  return LOOKED_AT.map((what) => {
    const condition = site.conditions?.find(({ type }) => type === what);

    return condition ? {
      what, verdict: verdictOf(condition), message: condition.message ?? '', since: condition.lastTransitionTime
    } : {
      what, verdict: 'Unknown', message: ''
    };
  });
}

/** The worst of them, for a list. */
export function worst(site: Site): Finding | undefined {
  const found = findings(site).filter(({ what }) => what !== 'Connected' && what !== 'Synced');

  return found.find(({ verdict }) => verdict === 'Bad');
}
