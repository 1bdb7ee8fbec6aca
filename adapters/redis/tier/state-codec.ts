import { crc32 } from "node:zlib";
import { CaudalError, FactList, type LatestFact, type PointKey, type Words } from "@caudal/core";
import { HEAD_BYTES, TOKEN_BYTES } from "./scripts.ts";
import { endOfWord, type Scratch } from "./scratch.ts";
import type { TextCache } from "./text-cache.ts";

const FORMAT = 1;
const FORMAT_AT = TOKEN_BYTES;
const DOUBLES_AT = 24;
const CRC_BYTES = 4;
/** CRC-32 of any bytes that end with their own CRC-32. */
const CRC_OF_WHOLE = 0x2144df1c;
const DOUBLES_A_FACT = 3;
const RUN_BYTES = 8;
const NO_REASONS = "[]";

/** What is stored of a point beside its facts. */
export interface StoredState {
  /** Told apart from every other state that the point ever had; `TOKEN_BYTES` ASCII characters. */
  readonly token: string;
  /** False until the first fact came, which begins the floor; a floor may have been raised before. */
  readonly hasBegun: boolean;
  readonly floorUs: number;
  /** Hours since 1970 that have a key, ascending. */
  readonly hours: readonly number[];
  /** Newest fact of each variable that is not withdrawn, in no order. */
  readonly newest: FactList;
}

/**
 * `HEAD_BYTES` of room for the head of an argument, then the state. Little-endian: token; format; whether it has begun; how many newest facts (uint16); four
 * bytes of nothing; floor, then instant, value and known-at a newest fact (float64); flag and authority each; variable and reasons each (uint16
 * length and UTF-8); how many runs of hours (uint32), then first hour (int32) and number of hours (uint32) each; CRC-32 of all before.
 */
export function encodeState({ token, hasBegun, floorUs, hours, newest }: StoredState, words: Words, scratch: Scratch): Buffer {
  const count = newest.length;
  const flagsAt = HEAD_BYTES + DOUBLES_AT + 8 * (1 + DOUBLES_A_FACT * count);
  scratch.reserve(flagsAt + 2 * count);
  const { bytes, doubles } = scratch;
  bytes.write(token, HEAD_BYTES, "latin1");
  bytes[HEAD_BYTES + FORMAT_AT] = FORMAT;
  bytes[HEAD_BYTES + FORMAT_AT + 1] = hasBegun ? 1 : 0;
  bytes.writeUInt16LE(count, HEAD_BYTES + FORMAT_AT + 2);
  bytes.writeUInt32LE(0, HEAD_BYTES + FORMAT_AT + 4);
  let double = (HEAD_BYTES + DOUBLES_AT) / 8;
  doubles[double++] = floorUs;
  for (let i = 0; i < count; i++) {
    doubles[double++] = newest.instants[i]!;
    doubles[double++] = newest.values[i]!;
    doubles[double++] = newest.knownAts[i]!;
    bytes[flagsAt + 2 * i] = newest.flags[i]!;
    bytes[flagsAt + 2 * i + 1] = newest.authorities[i]!;
  }
  let at = flagsAt + 2 * count;
  for (let i = 0; i < count; i++) at = scratch.word(scratch.word(at, newest.variables[i]!, words), newest.reasons[i]!, words);
  at = writeHours(scratch, at, hours);
  scratch.reserve(at + CRC_BYTES);
  scratch.bytes.writeUInt32LE(crc32(scratch.bytes.subarray(HEAD_BYTES, at)), at);
  return scratch.copy(at + CRC_BYTES);
}

/** Reads a state without its head. Fails with "corrupt" on bytes that `encodeState` did not write. */
export function decodeState(state: Buffer, words: Words): StoredState {
  checkState(state);
  const count = state.readUInt16LE(FORMAT_AT + 2);
  const newest = new FactList(count);
  newest.length = count;
  const flagsAt = DOUBLES_AT + 8 * (1 + DOUBLES_A_FACT * count);
  let at = flagsAt + 2 * count;
  for (let i = 0; i < count; i++) {
    const doublesAt = DOUBLES_AT + 8 * (1 + DOUBLES_A_FACT * i);
    newest.instants[i] = state.readDoubleLE(doublesAt);
    newest.values[i] = state.readDoubleLE(doublesAt + 8);
    newest.knownAts[i] = state.readDoubleLE(doublesAt + 16);
    newest.flags[i] = state[flagsAt + 2 * i]!;
    newest.authorities[i] = state[flagsAt + 2 * i + 1]!;
    const reasonsAt = endOfWord(state, at);
    newest.variables[i] = words.idOf(state.toString("utf8", at + 2, reasonsAt));
    at = endOfWord(state, reasonsAt);
    newest.reasons[i] = words.idOf(state.toString("utf8", reasonsAt + 2, at));
  }
  return { token: state.toString("latin1", 0, TOKEN_BYTES), hasBegun: state[FORMAT_AT + 1] === 1, floorUs: state.readDoubleLE(DOUBLES_AT), hours: readHours(state, at), newest };
}

/** Adds the newest facts alone, which are asked for of thousands of points at once. Fails like `decodeState`. */
export function addNewest(facts: LatestFact[], state: Buffer, { client, point }: PointKey, texts: TextCache): void {
  checkState(state);
  const count = state.readUInt16LE(FORMAT_AT + 2);
  const floorUs = state.readDoubleLE(DOUBLES_AT);
  const flagsAt = DOUBLES_AT + 8 * (1 + DOUBLES_A_FACT * count);
  let at = flagsAt + 2 * count;
  for (let i = 0; i < count; i++) {
    const doublesAt = DOUBLES_AT + 8 * (1 + DOUBLES_A_FACT * i);
    const reasonsAt = endOfWord(state, at);
    const variable = texts.text(state, at + 2, reasonsAt);
    at = endOfWord(state, reasonsAt);
    const reasons = texts.text(state, reasonsAt + 2, at);
    const instantUs = state.readDoubleLE(doublesAt);
    const value = state.readDoubleLE(doublesAt + 8);
    if (instantUs < floorUs) continue;
    facts.push({
      client, point, variable, instantUs, value: Number.isNaN(value) ? null : value, flag: state[flagsAt + 2 * i]!,
      reasons: reasons === NO_REASONS ? [] : (JSON.parse(reasons) as string[]), authority: state[flagsAt + 2 * i + 1]!, knownAtUs: state.readDoubleLE(doublesAt + 16),
    });
  }
}

function checkState(state: Buffer): void {
  if (state.length < DOUBLES_AT + 8 || crc32(state) !== CRC_OF_WHOLE || state[FORMAT_AT] !== FORMAT) {
    throw new CaudalError("corrupt", "the state of a point in the hot tier is damaged: its checksum does not fit");
  }
}

/** Hours mostly follow each other without a hole. */
function writeHours(scratch: Scratch, at: number, hours: readonly number[]): number {
  let runs = 0;
  let next = at + 4;
  for (let i = 0; i < hours.length;) {
    const first = i;
    while (i < hours.length && hours[i]! - hours[first]! === i - first) i += 1;
    scratch.reserve(next + RUN_BYTES);
    scratch.bytes.writeInt32LE(hours[first]!, next);
    scratch.bytes.writeUInt32LE(i - first, next + 4);
    next += RUN_BYTES;
    runs += 1;
  }
  scratch.reserve(next);
  scratch.bytes.writeUInt32LE(runs, at);
  return next;
}

function readHours(state: Buffer, at: number): number[] {
  const hours: number[] = [];
  const runs = state.readUInt32LE(at);
  for (let run = 0; run < runs; run++) {
    const first = state.readInt32LE(at + 4 + RUN_BYTES * run);
    const length = state.readUInt32LE(at + 8 + RUN_BYTES * run);
    for (let hour = first; hour < first + length; hour++) hours.push(hour);
  }
  return hours;
}
