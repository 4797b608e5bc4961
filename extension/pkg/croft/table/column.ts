/** A column of a table: its name is its sort key. */
export interface Column {
  name: string;
  /** Key of the heading; empty for the column of row menus. */
  labelKey: string;
  sortable?: boolean;
  /** Numbers stand at the right. */
  number?: boolean;
}
