import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { ColumnContext } from "./column.ts";
import { decimalsOf, readNumbers, readNumbersOf, writeNumbers } from "./number-column.ts";
import { readPlaces, writePlaces } from "./place-list.ts";

/** In the place of decimals: values that are amounts over the time since the row before, but for some. */
const OVER_TIME = 254;
const US_PER_S = 1e6;
/** Digits that a derived flow is rounded to (processor/derived/flow.ts), and parts of an amount: thousandths. */
const DIGITS = 12;
const PARTS = 1000;
const LOOKED_AT = 32;

/**
 * The values of those facts. A flow that was computed from a counter is a quotient with all its digits, which nothing compresses; times the seconds since the row before it is the small number that
 * was counted. It is written so where that gives the value back bit for bit.
 */
export function writeValues(writer: ByteWriter, context: ColumnContext, indexes: readonly number[]): void {
  const values = Float64Array.from(indexes, (index) => context.facts.values[index]!);
  const decimals = decimalsOf(values);
  if (decimals !== undefined) return writeNumbers(writer, values, 1, decimals);
  const amounts = amountsOf(values, indexes.map((index) => context.rowOf(index)), context.instants);
  if (amounts === undefined) return writeNumbers(writer, values);
  const others = amounts.flatMap((amount, at) => (amount === undefined ? [at] : []));
  writer.byte(OVER_TIME);
  writePlaces(writer, others);
  writeNumbers(writer, Float64Array.from(others, (at) => values[at]!));
  writeNumbers(writer, Float64Array.from(amounts.filter((amount) => amount !== undefined)), 0);
}

export function readValues(reader: ByteReader, { rows, instants }: { readonly rows: Uint32Array; readonly instants: Float64Array }): Float64Array {
  const coding = reader.byte();
  if (coding !== OVER_TIME) return readNumbersOf(reader, coding, rows.length);
  const others = readPlaces(reader);
  const plain = readNumbers(reader, others.length);
  const amounts = readNumbers(reader, rows.length - others.length, 0);
  let taken = 0;
  return Float64Array.from(rows, (row, at) => (others[taken] === at ? plain[taken++]! : valueOf(amounts[at - taken]!, secondsBefore(row, instants))));
}

/** Undefined where fewer than half are amounts over time; a few at the start tell that of most columns. */
function amountsOf(values: Float64Array, rows: readonly number[], instants: ArrayLike<number>): (number | undefined)[] | undefined {
  const amounts: (number | undefined)[] = [];
  let found = 0;
  for (const [at, value] of values.entries()) {
    const seconds = secondsBefore(rows[at]!, instants);
    // Without its sign where it is zero: there is no such amount.
    const amount = Math.round(value * seconds * PARTS) / PARTS + 0;
    const isAmount = seconds > 0 && Object.is(valueOf(amount, seconds), value);
    amounts.push(isAmount ? amount : undefined);
    if (isAmount) found += 1;
    if (at === LOOKED_AT && 2 * found < LOOKED_AT) return undefined;
  }
  return 2 * found < values.length ? undefined : amounts;
}

function valueOf(amount: number, seconds: number): number {
  return Number((amount / seconds).toPrecision(DIGITS));
}

/** NaN for the first row. */
function secondsBefore(row: number, instants: ArrayLike<number>): number {
  return (instants[row]! - instants[row - 1]!) / US_PER_S;
}
