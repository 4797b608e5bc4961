/**
 * A kind of object that sites have, as its list shows it. Each capability's folder declares its own; the pages here
 * show any of them.
 */
import type { Fields, Values } from '../action/form';
import type { Subject } from '../action/target';
import type { Condition } from '../api/fleet';
import type { Resource } from '../api/steve';
import type { SiteType } from '../api/urls';
import type { FleetKind } from '../fleet/kind';
import type { Sentence } from '../display/sentence';
import type { Page } from '../pages';

/** A column of the list, between those that every kind has. */
export interface Cell<T> {
  /** Its word: `croft.<word of the kind>.<name>`. */
  name: string;
  text(object: T): string;
  /** What the site's Steve sorts it by; absent where it cannot. */
  sort?: string;
  number?: boolean;
  /** Its texts may be one word longer than the column has room for: they break anywhere. */
  long?: boolean;
}

/** How an object is made or changed by a form. */
export interface Form<Arg, T> {
  fields: Fields;
  /** The object to send. */
  object(arg: Arg, values: Values): T;
}

export interface Kind<T extends Resource = Resource> {
  /** The capability's word. */
  word: string;
  page: Page;
  type: SiteType;
  namespaced: boolean;
  cells: Cell<T>[];
  /** What people call an object, and the field that Steve sorts and finds it by; its name where this is absent. */
  title?: { text(object: T): string; field: string };
  /** Which objects of the type are of this kind, as Steve's filter; all where it is absent. */
  filter?: string;
  /** The actions of the menu, in its order. */
  verbs: readonly string[];
  /** What actions ask for before they are done. */
  forms?: Partial<Record<string, Fields>>;
  /** Actions that ask whether to go on, since what they end cannot be had back. */
  grave?: readonly string[];
  /** What an action's dialog tells beforehand. */
  notes?: Partial<Record<string, (subject: Subject) => Promise<Sentence[]>>>;
  /** Actions on the kind as a whole that answer with a file: what they ask for. */
  collective?: Partial<Record<string, Fields>>;
  /** Actions that send the one file that they ask for, and nothing else. */
  sends?: readonly string[];
  /** Links of an object that are files. */
  files?: readonly string[];
  /** The list over all sites, where the hub has one. */
  rows?: FleetKind;
  create?: Form<string, T>;
  edit?: Form<T, T> & { values(object: T): Values };
}

export function titleOf<T extends Resource>(kind: Kind<T>, object: T): string {
  return kind.title?.text(object) || object.metadata.name;
}

export function idOf({ metadata }: Resource): string {
  return metadata.namespace ? `${ metadata.namespace }/${ metadata.name }` : metadata.name;
}

/** Every field of every form of a kind, so that a spec can look for their words. */
export function fieldsOf<T extends Resource>(kind: Kind<T>): string[] {
  const forms = [...Object.values(kind.forms ?? {}), ...Object.values(kind.collective ?? {}), kind.create?.fields, kind.edit?.fields];

  return [...new Set(forms.flatMap((fields) => Object.keys(fields ?? {})))];
}

/** Steve's message of an object that simply is there, which tells nothing. */
const FILLER = /^(Resource|Service) is /;

/** The state that the list shows, with the reason where it has one. */
export function stateOf({ metadata: { state } }: Resource): { name: string; message: string } {
  const { name = '', message = '' } = state ?? {};

  return { name: name.charAt(0).toUpperCase() + name.slice(1), message: FILLER.test(message) ? '' : message };
}

/** The condition of a type. */
export function conditionOf(conditions: Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** What Steve adds to an object and its metadata, and Kubernetes refuses or forgets. */
const ADDED = ['id', '_id', 'links', 'actions', 'unavailable'];
const ADDED_TO_METADATA = ['state', 'fields', 'relationships'];

function without<T extends object>(object: T, fields: string[]): T {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field))) as T;
}

/** The object as it is written back. */
export function asWritten<T extends Resource>(object: T): T {
  return { ...without(object, ADDED), metadata: without(object.metadata, ADDED_TO_METADATA) };
}
