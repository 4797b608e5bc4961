/** A page of rows, brought up to date by changes instead of by asking again, as far as that is possible. */
import type { Change } from '../api/feed';
import type { Collection, Resource } from '../api/steve';

export interface Patched<List> {
  list: List;
  /** Another row may have to be on the page now, or in another place: only the hub knows. */
  again: boolean;
}

/** `moves` are the columns by which the rows are ordered and which may change while a row lives. */
export function patched<Row extends Resource, List extends Collection<Row>>(list: List, changes: Change<Row>[], moves: readonly string[]): Patched<List> {
  const at = new Map(list.data.map((row, i) => [row.id, i]));
  const data: (Row | undefined)[] = [...list.data];
  let again = false;

  // Of a list that was made after a change, the list is right.
  changes.filter(({ revision }) => !(revision <= Number(list.revision))).forEach(({ name, id, row }) => {
    const i = at.get(id);

    if (i === undefined || !row) {
      again = again || name !== 'change' || moves.length > 0;
      if (i !== undefined) {
        data[i] = undefined;
      }

      return;
    }
    again = again || moves.some((column) => valueOf(list.data[i], column) !== valueOf(row, column));
    data[i] = row;
  });

  return { list: { ...list, data: data.filter((row) => row !== undefined) }, again };
}

function valueOf(row: Resource, column: string): string {
  return JSON.stringify((row as unknown as Record<string, unknown>)[column] ?? '');
}
