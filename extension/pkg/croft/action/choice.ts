/** What a choice of a form has to choose from: objects of the site, what an action answers, or parts of the object at hand. */
import { request } from '../api/client';
import type { Collection, Resource } from '../api/steve';
import { site, type SiteType } from '../api/urls';
import { filterValue } from '../table/view';
import type { Subject } from './target';

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

/** Finds the options for an action on a subject. One that throws leaves the field to be typed. */
export type Choices = (subject: Subject) => Promise<Option[]>;

/** An option that is called what it is. */
export function plain(value: string): Option {
  return { value, label: value };
}

/** Fixed words. */
export function words(...all: string[]): Choices {
  return async() => all.map(plain);
}

/** Names of the objects of a kind in the subject's namespace. */
export function beside(type: SiteType, fits: (object: Resource, subject: Subject) => boolean = () => true): Choices {
  return async(subject) => (await ofKind(subject, type, subject.namespace))
    .filter((object) => fits(object, subject))
    .map((object) => plain(object.metadata.name));
}

/** Names of the objects of a kind that has no namespaces. */
export function named(type: SiteType): Choices {
  return async(subject) => (await ofKind(subject, type)).map((object) => plain(object.metadata.name));
}

/** `namespace/name` of the objects of a kind; `call` is what people call one. */
export function identified<T extends Resource = Resource>(type: SiteType, call?: (object: T) => string): Choices {
  return async(subject) => (await ofKind<T>(subject, type)).map((object) => {
    const id = `${ object.metadata.namespace }/${ object.metadata.name }`;

    return { value: id, label: call ? `${ call(object) } (${ id })` : id };
  });
}

/** What an action of the subject answers. */
export function answered<Answer>(question: string, read: (answer: Partial<Answer>) => string[] | undefined): Choices {
  return async({
    site: id, type, namespace, name
  }) => {
    const answer = await request<Partial<Answer> | undefined>(site(id).action(type, namespace, name, question), { method: 'POST', body: {} });

    return (read(answer ?? {}) ?? []).map(plain);
  };
}

/** Parts of the subject itself. */
export function within<T extends Resource>(parts: (object: T) => string[]): Choices {
  return async({ object }) => object ? parts(object as T).map(plain) : [];
}

async function ofKind<T extends Resource = Resource>(subject: Subject, type: SiteType, namespace = ''): Promise<T[]> {
  const only = namespace ? { filter: `metadata.namespace=${ filterValue(namespace) }` } : undefined;
  const found = (await request<Collection<T>>(site(subject.site).list(type, only))).data;

  // A server without an index may not know the filter.
  return namespace ? found.filter((object) => object.metadata.namespace === namespace) : found;
}
