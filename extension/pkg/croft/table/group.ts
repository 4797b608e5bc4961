/** Rows that stand together, under one heading for those of equal value. The hub has put them in this order. */

export interface Group<Row> {
  /** The value that they share. */
  value: string;
  rows: Row[];
}

export function grouped<Row>(rows: readonly Row[], valueOf: (row: Row) => string): Group<Row>[] {
  return rows.reduce<Group<Row>[]>((groups, row) => {
    const value = valueOf(row);
    const last = groups[groups.length - 1];

    if (last?.value === value) {
      last.rows.push(row);

      return groups;
    }

    return [...groups, { value, rows: [row] }];
  }, []);
}
