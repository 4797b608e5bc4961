/** How a site is, as the hub has found it: one line for each thing that the hub looks at. */
import type { Condition, Site } from '../api/fleet';
import { isConnected } from './freshness';

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

/**
 * All of them in one, for a list: the first that is bad, else one that is good. Of a site that is away nothing is known; whether
 * it is, its state says.
 */
export function overall(site: Site): Pick<Finding, 'verdict' | 'message'> {
  const found = findings(site).filter(({ what }) => what !== 'Connected' && what !== 'Synced');
  const one = isConnected(site) ? found.find(({ verdict }) => verdict === 'Bad') ?? found.find(({ verdict }) => verdict === 'Good') : undefined;

  return { verdict: one?.verdict ?? 'Unknown', message: one?.verdict === 'Bad' ? one.message : '' };
}

/** The look of a verdict, as a state that has it. */
export const LOOK: Record<Verdict, string> = {
  Good: 'Ready', Bad: 'Failed', Unknown: 'Waiting'
};
