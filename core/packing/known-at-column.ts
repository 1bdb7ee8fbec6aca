import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Column, ColumnContext } from "./column.ts";
import { readNumbers, writeNumbers } from "./number-column.ts";
import { readPlaces, writePlaces } from "./place-list.ts";

const OWN = 0;
/** Those of the column before, one for one. */
const SAME = 1;
/** Those of the column before at the same rows, but for some. */
const SAME_AT_ROWS = 2;
/** As milliseconds after their instants. */
const DELAYS = 3;
const US_PER_MS = 1000;
const LOOKED_AT = 64;

/** Variables of one measurement are known at one time, so a column mostly repeats the one before. */
export function writeKnownAts(writer: ByteWriter, context: ColumnContext): void {
  const { facts, indexes, before, rowOf } = context;
  if (before?.length === indexes.length && indexes.every((index, i) => facts.knownAts[index] === facts.knownAts[before[i]!])) return writer.byte(SAME);
  if (before === undefined) return writeOwn(writer, context, indexes);
  const others: number[] = [];
  let beside = 0;
  for (const [i, index] of indexes.entries()) {
    const row = rowOf(index);
    while (beside < before.length && rowOf(before[beside]!) < row) beside += 1;
    const other = before[beside];
    if (other !== undefined && rowOf(other) === row && facts.knownAts[other] === facts.knownAts[index]) beside += 1;
    else others.push(i);
  }
  if (2 * others.length > indexes.length) return writeOwn(writer, context, indexes);
  writer.byte(SAME_AT_ROWS);
  writePlaces(writer, others);
  writeOwn(writer, context, others.map((at) => indexes[at]!));
}

export interface KnownAtContext {
  /** Of the column's facts. */
  readonly rows: Uint32Array;
  /** Of the block's rows. */
  readonly instants: Float64Array;
  readonly before: Column | undefined;
}

export function readKnownAts(reader: ByteReader, { rows, instants, before }: KnownAtContext): Float64Array {
  const coding = reader.byte();
  if (coding === SAME && before !== undefined) return before.knownAts;
  if (coding !== SAME_AT_ROWS || before === undefined) return readOwn(reader, coding, rows, instants);
  const others = readPlaces(reader);
  const own = readOwn(reader, reader.byte(), others.map((at) => rows[at] ?? 0), instants);
  const knownAts = new Float64Array(rows.length);
  let [beside, taken] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    while (beside < before.rows.length && before.rows[beside]! < row) beside += 1;
    if (others[taken] === i) knownAts[i] = own[taken++]!;
    else if (before.rows[beside] === row) knownAts[i] = before.knownAts[beside++]!;
    else throw new RangeError(`row ${row} has no fact in the column before`);
  }
  return knownAts;
}

/** Differences from one to the next where many came at once, delays where each came by itself: whichever are the smaller numbers, by some of them. */
function writeOwn(writer: ByteWriter, { facts: { instants, knownAts } }: ColumnContext, indexes: readonly number[]): void {
  const delaysMs = Float64Array.from(indexes, (index) => (knownAts[index]! - instants[index]!) / US_PER_MS);
  const step = Math.max(1, Math.floor(indexes.length / LOOKED_AT));
  let bits = 0;
  for (let i = step; i < indexes.length; i += step) {
    bits += Math.log2(1 + Math.abs(knownAts[indexes[i]!]! - knownAts[indexes[i - 1]!]!)) - Math.log2(1 + Math.abs(delaysMs[i]!));
  }
  const asDelays = bits > 0 && indexes.every((index, i) => instants[index]! + Math.round(delaysMs[i]! * US_PER_MS) === knownAts[index]);
  writer.byte(asDelays ? DELAYS : OWN);
  if (asDelays) writeNumbers(writer, delaysMs, 0);
  else writeNumbers(writer, Float64Array.from(indexes, (index) => knownAts[index]!));
}

function readOwn(reader: ByteReader, coding: number, rows: Uint32Array, instants: Float64Array): Float64Array {
  if (coding !== DELAYS) return readNumbers(reader, rows.length);
  return readNumbers(reader, rows.length, 0).map((delayMs, i) => instants[rows[i]!]! + Math.round(delayMs * US_PER_MS));
}
