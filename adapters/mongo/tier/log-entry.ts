import { ByteReader, ByteWriter, decodeBucket, encodeBucket, FactList, readNumbers, writeNumbers, type FactRun, type Words } from "@caudal/core";
import type { EntryDocument } from "./tier-store.ts";

/** Most entries are not worth the time: they are gone when they are folded. */
const COMPRESS_FROM_BYTES = 256 * 1024;

/** What an entry says of one point. Only what changes something is in the log: no duplicates, nothing below a floor. */
export interface PointEntry {
  /** "client NUL point". */
  readonly text: string;
  /** The floor rises to this; `begins` where it is the point's first fact that does it. */
  readonly floorUs?: number;
  readonly begins?: boolean;
  /** Facts in order, each once. */
  readonly run?: FactRun;
}

export type EntryBody = Pick<EntryDocument, "k" | "b" | "r" | "f">;

/**
 * Packs the facts of many points as if they were one: all rows (point, instant) in a line are numbered, their facts are packed with the number in the
 * instant's place, and beside them stand how many rows each point has and the rows' instants.
 */
export function encodeEntry(points: readonly PointEntry[], words: Words): EntryBody {
  const floors: number[] = [];
  const facts = new FactList(points.reduce((sum, { run }) => sum + (run === undefined ? 0 : run.end - run.start), 0));
  const writer = new ByteWriter();
  const instants: number[] = [];
  points.forEach(({ floorUs, begins, run }, index) => {
    if (floorUs !== undefined) floors.push(index, floorUs, begins === true ? 1 : 0);
    writer.unsigned(run === undefined ? 0 : addRows(facts, instants, run));
  });
  writeNumbers(writer, Float64Array.from(instants));
  return {
    k: points.map(({ text }) => `${text}\0`).join(""),
    ...(floors.length === 0 ? {} : { b: floors }),
    ...(facts.length === 0 ? {} : { r: Buffer.from(writer.finish()), f: encodeBucket({ facts, start: 0, end: facts.length }, words, { compressFromBytes: COMPRESS_FROM_BYTES }) }),
  };
}

/** Copies a point's facts, their rows numbered on; gives how many rows they are. */
function addRows(facts: FactList, instants: number[], { facts: from, start, end }: FactRun): number {
  const before = instants.length;
  for (let i = start; i < end; i++) {
    const instant = from.instants[i]!;
    if (instants.length === before || instants[instants.length - 1] !== instant) instants.push(instant);
    facts.instants[facts.add(from, i)] = instants.length - 1;
  }
  return instants.length - before;
}

/** What `encodeEntry` packed. Fails with "corrupt" where the bytes are damaged. */
export function decodeEntry({ k, b = [], r, f }: EntryBody, words: Words): PointEntry[] {
  const texts = textsOf(k);
  const runs = r === undefined || f === undefined ? [] : runsOf(r, decodeBucket(f, words), texts.length);
  const floors = new Map<number, { floorUs: number; begins: boolean }>();
  for (let i = 0; i < b.length; i += 3) floors.set(b[i]!, { floorUs: b[i + 1]!, begins: b[i + 2] === 1 });
  return texts.map((text, index) => {
    const run = runs[index];
    return { text, ...floors.get(index), ...(run === undefined || run.start === run.end ? {} : { run }) };
  });
}

/** Each NUL between client and point is followed by one after the point. */
function textsOf(keys: string): string[] {
  const names = keys.split("\0");
  return Array.from({ length: (names.length - 1) / 2 }, (_, i) => `${names[2 * i]}\0${names[2 * i + 1]}`);
}

function runsOf(rows: Buffer, facts: FactList, points: number): FactRun[] {
  const reader = new ByteReader(rows);
  const counts = Array.from({ length: points }, () => reader.unsigned());
  const instants = readNumbers(reader, counts.reduce((sum, count) => sum + count, 0));
  let row = 0;
  let at = 0;
  return counts.map((count) => {
    const start = at;
    row += count;
    for (; at < facts.length && facts.instants[at]! < row; at++) facts.instants[at] = instants[facts.instants[at]!]!;
    return { facts, start, end: at };
  });
}
