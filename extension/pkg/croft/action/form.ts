/**
 * What an action asks for, as a table: each field of its input with the kind of input that it is. From the one table
 * come the form, what is wrong with it, the body that is sent, and where a server's refusal stands.
 */
import type { ApiError } from '../api/client';
import { parse } from '../display/quantity';
import type { Sentence } from '../display/sentence';
import type { Choices } from './choice';

export type Value = string | boolean | File;
export type Values = Record<string, Value>;
export type Refusals = Partial<Record<string, Sentence>>;

/** The place of what belongs to no field: above the form. */
export const ALL = 'all';

export interface Field {
  input: 'name' | 'text' | 'lines' | 'number' | 'quantity' | 'yesNo' | 'choice' | 'file';
  /** It may be left empty, and is then not sent. */
  optional?: boolean;
  /** Of an optional choice: what is left empty is none, and not left to the site. */
  none?: boolean;
  /** Of a number: the least that makes sense. */
  least?: number;
  /** Of a choice: what there is to choose from. */
  choices?: Choices;
  /** What the form begins with. */
  first?: Value;
  /** Of yes and no: the words that the site reads in place of true and false. */
  asText?: boolean;
}

/** The fields of an input in the form's order; each name is the one on the wire. */
export type Fields<Input = Record<string, unknown>> = Record<keyof Input & string, Field>;

export const name = (): Field => ({ input: 'name' });
export const text = (first = ''): Field => ({ input: 'text', first });
export const lines = (first = ''): Field => ({ input: 'lines', first });
export const number = (least: number, first = least): Field => ({
  input: 'number', least, first: String(first)
});
export const quantity = (first = ''): Field => ({ input: 'quantity', first });
export const yesNo = (first = false): Field => ({ input: 'yesNo', first });
export const choice = (choices: Choices, first = ''): Field => ({
  input: 'choice', choices, first
});
export const file = (): Field => ({ input: 'file' });
export const optional = (field: Field): Field => ({ ...field, optional: true });

/** What a form begins with; `known` is what it is about to change. */
export function begin(fields: Fields, known: Values = {}): Values {
  return Object.fromEntries(Object.entries(fields).map(([field, { input, first }]) => [field, known[field] ?? first ?? (input === 'yesNo' ? false : '')]));
}

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const WHOLE = /^\d+$/;

function refuse(key: string, args?: Record<string, number>): Sentence {
  return { key: `croft.form.error.${ key }`, args };
}

function unlessGood({ input, least = 0 }: Field, value: string): Sentence | undefined {
  switch (input) {
  case 'name':
    return value.length > 253 || !DNS_SUBDOMAIN.test(value) ? refuse('objectName') : undefined;
  case 'number':
    return !WHOLE.test(value) || Number(value) < least ? refuse('number', { least }) : undefined;
  case 'quantity':
    return parse(value) > 0 ? undefined : refuse('quantity');
  default:
    return undefined;
  }
}

function unlessFilled(field: Field, value: Value): Sentence | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }

  const trimmed = value.trim();

  if (!trimmed) {
    return field.optional ? undefined : refuse('required');
  }

  return unlessGood(field, trimmed);
}

/** What is wrong with the form, by field; empty where nothing is. The site has the last word. */
export function check(fields: Fields, values: Values): Refusals {
  const found = Object.entries(fields).map(([field, how]) => [field, unlessFilled(how, values[field])]);

  return Object.fromEntries(found.filter(([, sentence]) => sentence));
}

function onWire({ input, asText }: Field, value: Value): unknown {
  if (typeof value !== 'string') {
    return asText ? String(value) : value;
  }
  if (input === 'number') {
    return Number(value);
  }

  return input === 'lines' ? value : value.trim();
}

/** The input to send: what was left empty is not in it. */
export function inputOf(fields: Fields, values: Values): Record<string, unknown> {
  const filled = Object.entries(fields).filter(([field]) => typeof values[field] !== 'string' || values[field] !== '');

  return Object.fromEntries(filled.map(([field, how]) => [field, onWire(how, values[field])]));
}

/** Which field of the form a server's path means: spec.resources.requests.storage is storage. */
function fieldOf(fields: Fields, path: string): string | undefined {
  const parts = path.toLowerCase().split(/[./[\]]+/).filter(Boolean);
  const names = Object.keys(fields);

  return parts.reverse().map((part) => names.find((field) => field.toLowerCase() === part)).find(Boolean);
}

/** A server's refusal at the field that it names, or above the form. */
export function placed(fields: Fields, error: ApiError): Refusals {
  const taken = error.status === 409 && error.code === 'AlreadyExists' && fields.name ? 'name' : undefined;

  return { [taken ?? fieldOf(fields, error.fieldName) ?? ALL]: error.sentence };
}
