/** What a list of objects shows of a row, whoever tells of it: the hub of all sites, or one site. */
import type { Sentence } from '../display/sentence';
import type { Location, Page } from '../pages';
import type { Column } from '../table/column';

/** A column that a kind has of its own. */
export interface OwnCell<Row> {
  name: string;
  text(row: Row): string;
  number?: boolean;
  long?: boolean;
}

/** What every row has, whatever its kind. */
export interface Shown {
  key: string;
  title: string;
  /** Where its name leads, where it leads somewhere. */
  link?: Location;
  state: string;
  /** Why it is in this state. */
  message: string;
  /** Absent for a kind without namespaces. */
  namespace?: string;
  created: string;
  /** Its site, in a list over all of them. */
  site?: { id: string; name: string };
  /** When its site was last heard from, where that is away. */
  heard?: string;
}

export interface Listing<Row> {
  word: string;
  page: Page;
  columns: Column[];
  cells: OwnCell<Row>[];
  shown(row: Row): Shown;
}

/** What every list says above its rows, and instead of them. */
export interface Told {
  notices: { id: string; sentence: Sentence }[];
  /** Key of what to say where there is no row. */
  none: string;
}
