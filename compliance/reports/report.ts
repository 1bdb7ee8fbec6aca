import type { Text } from "@caudal/runtime";

export const reportKinds = ["compliance", "annual-volume", "exceedances", "incidents", "burn-down"] as const;
export type ReportKind = (typeof reportKinds)[number];

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

export interface Column {
  /** Name in JSON and CSV. */
  readonly id: string;
  readonly title: Text;
  /** Share of a page's width; 1 when absent. */
  readonly share?: number;
  /** What a cell's word means, where it is one of a closed list. */
  readonly words?: Readonly<Record<string, Text>>;
}

export interface Table {
  readonly id: string;
  readonly title: Text;
  readonly columns: readonly Column[];
  /** Walked once. */
  rows(): AsyncIterable<Row> | Iterable<Row>;
  /** Of the formats of people (XLSX, PDF) when false: it is too long for them, and `instead` says how to get it. */
  readonly isForPeople?: boolean;
  /** CSV holds this table; the first when none says so. */
  readonly isLong?: boolean;
}

/** A report before it has a format. */
export interface Report {
  readonly kind: ReportKind;
  readonly title: Text;
  readonly atUs: number;
  /** Period, filters and what must be known to read it. */
  readonly notes: readonly Text[];
  readonly tables: readonly Table[];
}
