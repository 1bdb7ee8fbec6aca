import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { FactArrays } from "./fact-list.ts";
import { readNumbers, writeNumbers } from "./number-column.ts";

const DENSE = 0;
const SPARSE = 1;
const SAME_KNOWN_AT = 1;
const OWN_KNOWN_AT = 0;
const HAS_VALUE = 1;

/** One variable's facts within a block, by row and then greatest revision first. */
export interface Column {
  readonly variable: number;
  readonly rows: Uint32Array;
  readonly values: Float64Array;
  readonly flags: Uint8Array;
  readonly authorities: Uint8Array;
  readonly knownAts: Float64Array;
  readonly reasons: Uint32Array;
}

export interface ColumnContext {
  readonly facts: FactArrays;
  /** The column's facts. */
  readonly indexes: readonly number[];
  /** The facts of the column written before this one. */
  readonly before: readonly number[] | undefined;
  /** Rows of the block. */
  readonly rows: number;
  rowOf(index: number): number;
}

/** Rows, then known-at, then runs of equal (flag, authority, has a value, reasons), then the values that there are. */
export function writeColumn(writer: ByteWriter, context: ColumnContext): void {
  const { facts, indexes } = context;
  writer.unsigned(indexes.length);
  writeRows(writer, context);
  writeKnownAts(writer, context);
  for (let from = 0; from < indexes.length;) {
    let to = from + 1;
    while (to < indexes.length && sameQuality(facts, indexes[from]!, indexes[to]!)) to += 1;
    const fact = indexes[from]!;
    writer.unsigned(to - from);
    writer.byte(facts.flags[fact]!);
    writer.byte(facts.authorities[fact]!);
    writer.byte(Number.isNaN(facts.values[fact]!) ? 0 : HAS_VALUE);
    writer.unsigned(facts.reasons[fact]!);
    from = to;
  }
  const values = indexes.map((index) => facts.values[index]!).filter((value) => !Number.isNaN(value));
  writeNumbers(writer, Float64Array.from(values));
}

export function readColumn(reader: ByteReader, variable: number, blockRows: number, knownAtsBefore: Float64Array | undefined): Column {
  const count = reader.unsigned();
  const rows = readRows(reader, count, blockRows);
  const knownAts = reader.byte() === SAME_KNOWN_AT && knownAtsBefore !== undefined ? knownAtsBefore : readNumbers(reader, count);
  const flags = new Uint8Array(count);
  const authorities = new Uint8Array(count);
  const reasons = new Uint32Array(count);
  const values = new Float64Array(count);
  let valueCount = 0;
  for (let from = 0; from < count;) {
    const to = from + reader.unsigned();
    flags.fill(reader.byte(), from, to);
    authorities.fill(reader.byte(), from, to);
    const hasValue = reader.byte() === HAS_VALUE;
    if (hasValue) valueCount += to - from;
    else values.fill(NaN, from, to);
    reasons.fill(reader.unsigned(), from, to);
    from = to;
  }
  const present = readNumbers(reader, valueCount);
  if (valueCount === count) return { variable, rows, values: present, flags, authorities, knownAts, reasons };
  let taken = 0;
  for (let i = 0; i < count; i++) if (!Number.isNaN(values[i]!)) values[i] = present[taken++]!;
  return { variable, rows, values, flags, authorities, knownAts, reasons };
}

function writeRows(writer: ByteWriter, { indexes, rows, rowOf }: ColumnContext): void {
  // As many facts as rows with the first and last in place could still hold a repeat and a hole, so look at each.
  const isDense = indexes.length === rows && indexes.every((index, row) => rowOf(index) === row);
  writer.byte(isDense ? DENSE : SPARSE);
  if (isDense) return;
  let last = 0;
  for (const index of indexes) {
    writer.unsigned(rowOf(index) - last);
    last = rowOf(index);
  }
}

function readRows(reader: ByteReader, count: number, blockRows: number): Uint32Array {
  const rows = new Uint32Array(count);
  const isDense = reader.byte() === DENSE;
  let last = 0;
  for (let i = 0; i < count; i++) {
    last = isDense ? i : last + reader.unsigned();
    if (last >= blockRows) throw new RangeError(`row ${last} of a block with ${blockRows}`);
    rows[i] = last;
  }
  return rows;
}

function writeKnownAts(writer: ByteWriter, { facts, indexes, before }: ColumnContext): void {
  // Variables of one measurement are known at one time, so a column mostly repeats the one before.
  const isSame = before?.length === indexes.length && indexes.every((index, i) => facts.knownAts[index] === facts.knownAts[before[i]!]);
  writer.byte(isSame ? SAME_KNOWN_AT : OWN_KNOWN_AT);
  if (!isSame) writeNumbers(writer, Float64Array.from(indexes, (index) => facts.knownAts[index]!));
}

function sameQuality(facts: FactArrays, a: number, b: number): boolean {
  return facts.flags[a] === facts.flags[b] && facts.reasons[a] === facts.reasons[b] && facts.authorities[a] === facts.authorities[b]
    && Number.isNaN(facts.values[a]!) === Number.isNaN(facts.values[b]!);
}
