// Rows of the same kind. Below 640 px each row becomes a small block of its own with the column's name before every value:
// nothing is scrolled sideways.
// biome-ignore-all lint/a11y/noRedundantRoles: a table whose display is changed by CSS is no table to some screen readers.
import './table.css';
import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly title: string;
  /** What a cell shows. */
  readonly cell: (row: Row) => ComponentChildren;
  readonly isNumber?: boolean;
  /** Left out where there is little room. */
  readonly isMinor?: boolean;
  /** Names the row for those who hear the table; one column has it. */
  readonly isHeading?: boolean;
}

interface TableProps<Row> {
  /** What the table holds, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

const classOf = <Row,>({ isNumber, isMinor }: Column<Row>): string =>
  `${isNumber ? 'number' : ''} ${isMinor ? 'minor' : ''}`.trim();

export const Table = <Row,>({ caption, columns, rows, keyOf }: TableProps<Row>) => (
  <table class="table" role="table">
    <caption class="unseen">{caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        {columns.map((column) => (
          <th key={column.title} role="columnheader" scope="col" class={classOf(column)}>
            {column.title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={keyOf(row)} role="row">
          {columns.map((column) => {
            const { title, cell, isHeading } = column;
            const facts = { 'data-title': title, class: classOf(column) };
            return isHeading ? (
              <th key={title} role="rowheader" scope="row" {...facts}>
                {cell(row)}
              </th>
            ) : (
              <td key={title} role="cell" {...facts}>
                {cell(row)}
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
  </table>
);
