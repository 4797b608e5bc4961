/** The columns of the list of machines: those that are usual, and those that can be chosen. */
import type { MachineRow } from '../api/fleet';
import { bytes } from '../display/quantity';
import type { Column } from '../table/column';
import { SORT_KEYS, type SortKey } from './query';

export type ColumnName = SortKey | 'labels';

const USUAL: readonly ColumnName[] = ['state', 'name', 'site', 'namespace', 'cpu', 'memory', 'addresses', 'node', 'created'];

/** Every column, in the order in which they are offered. */
export const ALL: readonly ColumnName[] = [...SORT_KEYS, 'labels'];
/** A machine is not known without its name, nor its menu without its state. */
export const NEEDED: readonly ColumnName[] = ['state', 'name'];

const NUMBERS: readonly ColumnName[] = ['cpu', 'memory', 'disks', 'diskSize'];

/** The columns that the view shows. */
export function shownColumns(chosen: readonly string[]): ColumnName[] {
  const known = ALL.filter((name) => chosen.includes(name) || NEEDED.includes(name));

  return chosen.length ? known : [...USUAL];
}

/** What the route has to keep for these columns: nothing where they are the usual ones. */
export function chosenColumns(shown: readonly ColumnName[]): string[] {
  const usual = shown.length === USUAL.length && USUAL.every((name) => shown.includes(name));

  return usual ? [] : ALL.filter((name) => shown.includes(name));
}

export function columnsOf(shown: readonly ColumnName[]): Column[] {
  return [
    { name: 'select', labelKey: '' },
    ...shown.map((name) => ({
      name, labelKey: `croft.vm.${ name }`, sortable: name !== 'labels', number: NUMBERS.includes(name)
    })),
    { name: 'menu', labelKey: '' },
  ];
}

const list = (words: string[] | undefined) => (words ?? []).join(', ');

const TEXT: Partial<Record<ColumnName, (row: MachineRow) => string>> = {
  site:         (row) => row.siteName || row.site,
  namespace:    (row) => row.namespace,
  cpu:          (row) => row.cpu ? String(row.cpu) : '',
  memory:       (row) => row.memory ? bytes(row.memory) : '',
  addresses:    (row) => list(row.addresses),
  node:         (row) => row.node ?? '',
  disks:        (row) => row.disks ? String(row.disks) : '',
  diskSize:     (row) => row.diskSize ? bytes(row.diskSize) : '',
  image:        (row) => row.image ?? '',
  guestOS:      (row) => row.guestOS ?? '',
  guestCluster: (row) => row.guestCluster ?? '',
  networks:     (row) => list(row.networks),
  macs:         (row) => list(row.macs),
  tags:         (row) => list(row.tags),
  labels:       (row) => Object.entries(row.metadata.labels ?? {}).map(([key, value]) => value ? `${ key }=${ value }` : key).join(', '),
};

/** What a cell of plain text says. */
export function textOf(name: ColumnName, row: MachineRow): string {
  return TEXT[name]?.(row) ?? '';
}

export function isNumber(name: ColumnName): boolean {
  return NUMBERS.includes(name);
}
