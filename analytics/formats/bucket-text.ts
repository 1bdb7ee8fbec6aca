import { roundDecimal } from "@caudal/core";
import { meanOf, type Bucket, type BucketRow } from "../buckets/bucket.ts";
import type { Expectation } from "../history/coverage.ts";
import type { VariableInfo } from "../points/point-directory.ts";
import { itemKey } from "./item-key.ts";
import type { Decimals } from "./raw-csv.ts";
import type { TimeText } from "./time-text.ts";

const COVERAGE_DIGITS = 4;
const csvFields = ["mean", "min", "max", "first", "last", "consumption", "count", "coverage", "flagged"] as const;

/** In the variable's unit; the others are counts and shares. */
const measured: ReadonlySet<string> = new Set(["mean", "min", "max", "first", "last", "consumption"] satisfies (typeof csvFields)[number][]);

export interface BucketTextOptions {
  readonly columns: readonly VariableInfo[];
  readonly expectation: Expectation;
  readonly times: TimeText;
  /** Of CSV. */
  readonly decimals?: Decimals;
}

export function bucketCsvHeader(columns: readonly VariableInfo[]): string {
  return `time${columns.map(({ column }) => csvFields.map((field) => `,${column}_${field}`).join("")).join("")}\n`;
}

export function bucketCsvRow(row: BucketRow, options: BucketTextOptions): string {
  let text = options.times.format(row.fromUs);
  for (let column = 0; column < options.columns.length; column++) {
    const fields = fieldsOf(row, column, options);
    for (const field of csvFields) {
      const value = fields?.[field];
      const digits = measured.has(field) ? options.decimals?.[column] : undefined;
      text += value === undefined || value === null ? "," : `,${digits === undefined ? value : roundDecimal(value, digits)}`;
    }
  }
  return `${text}\n`;
}

/** One JSON object; a variable without a fact in the bucket is left out. */
export function bucketItem(row: BucketRow, options: BucketTextOptions): string {
  let text = `{"time":"${options.times.format(row.fromUs)}"`;
  for (const [column, { variable }] of options.columns.entries()) {
    const fields = fieldsOf(row, column, options);
    if (fields !== undefined) text += `,${JSON.stringify(itemKey(variable))}:${JSON.stringify(fields)}`;
  }
  return `${text}}`;
}

type Fields = Readonly<Record<(typeof csvFields)[number], number | null>> & { readonly revised?: RevisedText };

/** What late or corrected facts made of the bucket after it had settled. */
interface RevisedText {
  readonly at: string;
  readonly late: number;
  readonly corrected: number;
}

function revisedFields({ revised }: Bucket, times: TimeText): { readonly revised?: RevisedText } {
  return revised === undefined ? {} : { revised: { at: times.format(revised.atUs), late: revised.late, corrected: revised.corrected } };
}

function fieldsOf(row: BucketRow, column: number, { columns, expectation, times }: BucketTextOptions): Fields | undefined {
  const bucket = row.cells[column];
  if (bucket === undefined || bucket.count === 0) return undefined;
  const { min, max, first, last, consumption, count, flagged } = bucket;
  const coverage = expectation.ratio(columns[column]!.variable, row, count);
  return {
    min: known(min), max: known(max), mean: known(meanOf(bucket)), first: known(first), last: known(last), consumption: known(consumption),
    ...revisedFields(bucket, times), count, coverage: coverage === null ? null : Number(coverage.toFixed(COVERAGE_DIGITS)), flagged,
  };
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
