// table.tsx: rows of things. On a phone each row becomes a card: the name of the column before each value.
//
//     <Table of={devices} columns={[{ name: text("board"), cell: (d) => d.board }]} by={(d) => d.id} />
import type { ComponentChildren } from "preact";
import { none } from "../format";
import { capital } from "../words";
import { Empty } from "./basic";

export interface Column<T> {
  name: string;
  cell: (row: T) => ComponentChildren;
  number?: boolean;
}

interface Props<T> {
  of: T[];
  columns: Column<T>[];
  by: (row: T) => string;
  name: string;
  empty?: string;
}

const empty_cell = (value: ComponentChildren) =>
  value === "" || value === null || value === undefined || value === false;

// What is not known is a dash, and on a phone not even that.
function Cell<T>({ column, row }: { column: Column<T>; row: T }) {
  const value = column.cell(row);
  const look = [column.number && "n", !column.name && "unnamed", empty_cell(value) && "none"].filter(Boolean).join(" ");
  return (
    <td role="cell" class={look || undefined} data-name={column.name ? capital(column.name) : undefined}>
      {empty_cell(value) ? none : value}
    </td>
  );
}

// The roles are spoken out because a table shown as blocks loses them.
export function Table<T>({ of, columns, by, name, empty }: Props<T>) {
  if (of.length === 0) return <Empty>{empty}</Empty>;
  const look = (column: Column<T>) => (column.number ? "n" : undefined);
  return (
    <table role="table" aria-label={name}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.name} role="columnheader" scope="col" class={look(column)}>
              {capital(column.name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {of.map((row) => (
          <tr role="row" key={by(row)}>
            {columns.map((column) => (
              <Cell key={column.name} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
