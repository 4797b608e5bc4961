/** What has happened lately at sites: each tells of its own events, and the latest of all stand first. */
import type { Site } from '../api/fleet';
import type { Event } from '../api/kubevirt';
import { site as siteUrls, TYPE } from '../api/urls';
import { isConnected, nameOf } from '../site/freshness';
import { timeOf } from '../virtualmachine/event';

/** So many are shown. */
export const SHOWN = 12;
/** So many sites are asked at most: those with most machines, since that is where things happen. */
const ASKED = 12;

export interface Happening {
  key: string;
  at: string;
  site: string;
  /** Whether it asks for a look. */
  warning: boolean;
  what: string;
  reason: string;
  message: string;
}

/** Steve keeps a field of Kubernetes' own that it has a word for itself, such as an event's type, with an underscore. */
export interface SteveEvent extends Event {
  _type?: string;
  involvedObject?: { kind?: string; namespace?: string; name?: string };
}

/** The sites to ask. One that is away is not. */
export function asked(sites: Site[]): Site[] {
  return sites.filter(isConnected).sort((a, b) => (b.machines ?? 0) - (a.machines ?? 0)).slice(0, ASKED);
}

/** Where a site tells the latest of its machines, their images and backups. */
export function urlOf(site: Site): string {
  return siteUrls(site.id).list(TYPE.event, {
    page: '1', pagesize: String(SHOWN), sort: '-metadata.creationTimestamp', filter: 'involvedObject.kind~VirtualMachine', exclude: 'metadata.managedFields'
  });
}

/** The latest of what the sites have told. */
export function latest(told: { site: Site; events: SteveEvent[] }[]): Happening[] {
  return told
    .flatMap(({ site, events }) => events.map((event) => ({
      key:     `${ site.id }/${ event.metadata.namespace ?? '' }/${ event.metadata.name }`,
      at:      timeOf(event),
      site:    nameOf(site),
      warning: event._type === 'Warning',
      what:    [event.involvedObject?.namespace, event.involvedObject?.name].filter(Boolean).join('/'),
      reason:  event.reason ?? '',
      message: event.message ?? '',
    })))
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN);
}
