/** The columns of the list of machines. */
import type { Column } from '../table/column';
import { SORT_KEYS, type SortKey } from './query';

const NUMBERS: SortKey[] = ['cpu', 'memory'];

export const COLUMNS: Column[] = [
  ...SORT_KEYS.map((name) => ({
    name, labelKey: `croft.vm.${ name }`, sortable: true, number: NUMBERS.includes(name)
  })),
  { name: 'menu', labelKey: '' },
];
