/** One object of a site: what an action is done to. */
import type { Resource } from '../api/steve';
import type { SiteType } from '../api/urls';

export interface Target {
  /** Cluster id. */
  site: string;
  /** Empty for a kind without namespaces. */
  namespace: string;
  name: string;
}

/** An object as its site tells it, with where it is. */
export interface Subject extends Target {
  type: SiteType;
  object?: Resource;
}

export function subjectOf(site: string, type: SiteType, object: Resource): Subject {
  const { namespace = '', name } = object.metadata;

  return {
    site, type, namespace, name, object
  };
}
