/** What the list of machines can be narrowed by, besides site and state: each is a chip, a field and its value. */
import { filterValue } from '../table/view';

export const FILTER_FIELDS = ['namespace', 'image', 'network', 'node', 'guestCluster', 'guestOS', 'tag', 'label'] as const;
export type FilterField = typeof FILTER_FIELDS[number];

/** Fields of which the hub calls every row's value by another name than people do. */
const COLUMN: Partial<Record<FilterField, string>> = { network: 'networks', tag: 'tags' };

export interface Chip {
  field: FilterField;
  value: string;
}

/** Reads a chip as the route has it; nothing where it is none. */
export function chipOf(text: string): Chip | undefined {
  const at = text.indexOf(':');
  const field = text.slice(0, at) as FilterField;
  const value = text.slice(at + 1).trim();

  return FILTER_FIELDS.includes(field) && value ? { field, value } : undefined;
}

export function chipText({ field, value }: Chip): string {
  return `${ field }:${ value }`;
}

/** `app=web` is a label with its value, `app` a label with any. */
function labelFilter(text: string): string {
  const at = text.indexOf('=');
  const key = (at < 0 ? text : text.slice(0, at)).replace(/["\\[\]]/g, '').trim();

  return at < 0 ? `metadata.labels[${ key }]` : `metadata.labels[${ key }]=${ filterValue(text.slice(at + 1).trim()) }`;
}

function condition({ field, value }: Chip): string {
  return field === 'label' ? labelFilter(value) : `${ COLUMN[field] ?? field }=${ filterValue(value) }`;
}

/** The hub's filters: chips of one field are alternatives, except labels and tags, which a machine has several of. */
export function chipFilters(texts: readonly string[]): string[] {
  const chips = texts.flatMap((text) => chipOf(text) ?? []);
  const many = (chip: Chip) => chip.field === 'label' || chip.field === 'tag';
  const alternatives = FILTER_FIELDS.map((field) => chips.filter((chip) => chip.field === field && !many(chip)).map(condition).join(','));

  return [...alternatives.filter(Boolean), ...chips.filter(many).map(condition)];
}

/** Of which column the hub knows all values, to choose from; nothing where it keeps lists of them. */
export function summedColumn(field: FilterField): string | undefined {
  return ['network', 'tag', 'label'].includes(field) ? undefined : field;
}
