/** What people say of a site: where it is, and what it is for. It is written into the hub's own object of the site. */
import { optional, text, type Fields, type Values } from '../action/form';
import { ApiError, request } from '../api/client';
import type { Resource } from '../api/steve';
import { rancher } from '../api/urls';
import { asWritten } from '../kind/kind';

/** The hub's object of a site, as far as people write it. */
export interface SiteObject extends Resource {
  spec?: { displayName?: string; location?: { name?: string; latitude?: string; longitude?: string } };
}

export const FIELDS: Fields = {
  place: optional(text()), latitude: optional(text()), longitude: optional(text()), region: optional(text()), environment: optional(text())
};

/** The labels that the hub reads, each before those after it. */
const LABELS = { region: ['topology.kubernetes.io/region', 'region'], environment: ['environment', 'env'] } as const;

type Label = keyof typeof LABELS;

/** The label that says it now, or where it will be said. */
function labelOf(site: SiteObject, what: Label): string {
  return LABELS[what].find((label) => site.metadata.labels?.[label]) ?? what;
}

export function valuesOf(site: SiteObject): Values {
  const { name = '', latitude = '', longitude = '' } = site.spec?.location ?? {};
  const labels = site.metadata.labels ?? {};

  return {
    place: name, latitude, longitude, region: labels[labelOf(site, 'region')] ?? '', environment: labels[labelOf(site, 'environment')] ?? ''
  };
}

const MOST = { latitude: 90, longitude: 180 } as const;
const DEGREES = /^-?\d{1,3}(\.\d+)?$/;

/** Refuses degrees that are none, and one of the two without the other, before the hub does it in its own words. */
export function refuseNowhere(values: Values): void {
  const said = (field: string) => String(values[field] ?? '').trim();

  (['latitude', 'longitude'] as const).forEach((field) => {
    const [mine, other] = field === 'latitude' ? [said('latitude'), said('longitude')] : [said('longitude'), said('latitude')];

    if (mine ? !DEGREES.test(mine) || Math.abs(Number(mine)) > MOST[field] : other) {
      throw new ApiError(422, 'InvalidOption', '', `spec.location.${ field }`, { key: mine ? 'croft.site.noDegrees' : 'croft.site.bothDegrees', args: { most: MOST[field] } });
    }
  });
}

function without(object: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value));
}

/** The object with what was filled in; what was left empty is not in it. */
export function placed(site: SiteObject, values: Values): SiteObject {
  const said = (field: string) => String(values[field] ?? '').trim();
  const location = without({
    name: said('place'), latitude: said('latitude'), longitude: said('longitude')
  });
  const labels = without({
    ...site.metadata.labels, [labelOf(site, 'region')]: said('region'), [labelOf(site, 'environment')]: said('environment')
  });

  return {
    ...site, metadata: { ...site.metadata, labels }, spec: { ...site.spec, location: Object.keys(location).length ? location : undefined }
  };
}

/**
 * Writes what was filled in, unless somebody else has said something else since `known`. The hub itself writes how the site
 * is into the same object, every minute, which is no reason to refuse.
 */
export async function say(id: string, known: Values, filled: Values): Promise<Values> {
  refuseNowhere(filled);
  const now = await request<SiteObject>(rancher.site(id));

  if (Object.entries(valuesOf(now)).some(([field, value]) => known[field] !== value)) {
    throw new ApiError(409, 'Conflict', '', '', { key: 'croft.site.changed' });
  }

  return valuesOf(await request<SiteObject>(rancher.site(id), { method: 'PUT', body: placed(asWritten(now), filled) }));
}
