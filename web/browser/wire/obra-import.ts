import { asList, asNumber, asRecord, asText } from "./read.ts";

/** What a file's row means for the works that are there. */
export const rowOutcomes = ["new", "changed", "unchanged", "refused"] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

export interface ImportRow {
  readonly line: number;
  /** `dga/OB-0602-7`; empty where it could not be read. */
  readonly work: string;
  readonly outcome: RowOutcome;
  readonly written: boolean;
  /** Both as they stand in a file. */
  readonly changes: readonly { readonly field: string; readonly before: string; readonly after: string }[];
  readonly errors: readonly { readonly column: string; readonly detail: string }[];
}

export interface ObraImport {
  readonly dryRun: boolean;
  readonly rows: readonly ImportRow[];
  readonly counts: Readonly<Record<RowOutcome, number>>;
  readonly written: number;
}

/** What a file of works would change, or changed. */
export function readObraImport(body: unknown): ObraImport {
  const row = asRecord(body);
  const counts = asRecord(row["counts"]);
  return { dryRun: row["dryRun"] !== false, rows: asList(row["rows"], readRow), counts: Object.fromEntries(rowOutcomes.map((name) => [name, asNumber(counts[name])])) as Record<RowOutcome, number>, written: asNumber(row["written"]) };
}

/** An outcome that is not known is refused: nobody takes it for done. */
function readRow(value: unknown): ImportRow | undefined {
  const row = asRecord(value);
  const line = asNumber(row["line"]);
  if (line === 0) return undefined;
  return {
    line, work: asText(row["work"]), outcome: rowOutcomes.find((name) => name === row["outcome"]) ?? "refused", written: row["written"] === true,
    changes: asList(row["changes"], (item) => ({ field: asText(asRecord(item)["field"]), before: asText(asRecord(item)["old"]), after: asText(asRecord(item)["new"]) })),
    errors: asList(row["errors"], (item) => ({ column: asText(asRecord(item)["column"]), detail: asText(asRecord(item)["detail"]) })),
  };
}
