import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Column, ColumnContext, WordOf } from "./column.ts";
import type { FactArrays } from "./fact-list.ts";
import { readKnownAts, writeKnownAts } from "./known-at-column.ts";
import { readValues, writeValues } from "./value-column.ts";

const DENSE = 0;
const SPARSE = 1;
const HAS_VALUE = 1;

/** Rows, then known-at, then runs of equal (flag, authority, has a value, reasons), then the values that there are. */
export function writeColumn(writer: ByteWriter, context: ColumnContext): void {
  const { facts, indexes, wordOf } = context;
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
    writer.unsigned(wordOf(facts.reasons[fact]!));
    from = to;
  }
  writeValues(writer, context, indexes.filter((index) => !Number.isNaN(facts.values[index]!)));
}

export interface ReadContext {
  /** Of the block's rows. */
  readonly instants: Float64Array;
  /** The column read before this one. */
  readonly before: Column | undefined;
  readonly wordOf: WordOf;
}

export function readColumn(reader: ByteReader, variable: number, { instants, before, wordOf }: ReadContext): Column {
  const count = reader.unsigned();
  const rows = readRows(reader, count, instants.length);
  const knownAts = readKnownAts(reader, { rows, instants, before });
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
    reasons.fill(wordOf(reader.unsigned()), from, to);
    from = to;
  }
  const present = readValues(reader, { rows: valueCount === count ? rows : rows.filter((_, i) => !Number.isNaN(values[i]!)), instants });
  if (valueCount === count) return { variable, rows, values: present, flags, authorities, knownAts, reasons };
  let taken = 0;
  for (let i = 0; i < count; i++) if (!Number.isNaN(values[i]!)) values[i] = present[taken++]!;
  return { variable, rows, values, flags, authorities, knownAts, reasons };
}

function writeRows(writer: ByteWriter, { indexes, instants, rowOf }: ColumnContext): void {
  // As many facts as rows with the first and last in place could still hold a repeat and a hole, so look at each.
  const isDense = indexes.length === instants.length && indexes.every((index, row) => rowOf(index) === row);
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

function sameQuality(facts: FactArrays, a: number, b: number): boolean {
  return facts.flags[a] === facts.flags[b] && facts.reasons[a] === facts.reasons[b] && facts.authorities[a] === facts.authorities[b]
    && Number.isNaN(facts.values[a]!) === Number.isNaN(facts.values[b]!);
}
