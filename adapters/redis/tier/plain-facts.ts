import { crc32 } from "node:zlib";
import { CaudalError, FactList, type FactArrays, type Words } from "@caudal/core";
import { endOfWord, type Scratch } from "./scratch.ts";

/** Facts that are worth writing plainly: packing so few costs more time than it saves bytes. */
export const MOST_PLAIN = 12;
const DOUBLES_AT = 8;
const BYTES_A_FACT = 4;

/**
 * A few facts in order, little-endian: CRC-32 of all that follows; how many facts, how many words; 2 bytes of nothing; instants, values, known-ats
 * (float64 each); places of the variables and of the reasons among the words, flags, authorities (a byte each); words (uint16 length and UTF-8).
 */
export function encodePlain(facts: FactArrays, indexes: readonly number[], words: Words, scratch: Scratch): Buffer {
  const count = indexes.length;
  const bytesAt = DOUBLES_AT + 24 * count;
  scratch.reserve(bytesAt + BYTES_A_FACT * count);
  const { bytes, doubles } = scratch;
  const used: number[] = [];
  const placeOf = (id: number): number => {
    const place = used.indexOf(id);
    return place >= 0 ? place : used.push(id) - 1;
  };
  for (let i = 0; i < count; i++) {
    const index = indexes[i]!;
    doubles[1 + i] = facts.instants[index]!;
    doubles[1 + count + i] = facts.values[index]!;
    doubles[1 + 2 * count + i] = facts.knownAts[index]!;
    bytes[bytesAt + i] = placeOf(facts.variables[index]!);
    bytes[bytesAt + count + i] = placeOf(facts.reasons[index]!);
    bytes[bytesAt + 2 * count + i] = facts.flags[index]!;
    bytes[bytesAt + 3 * count + i] = facts.authorities[index]!;
  }
  bytes[4] = count;
  bytes[5] = used.length;
  bytes[6] = bytes[7] = 0;
  let at = bytesAt + BYTES_A_FACT * count;
  for (const id of used) at = scratch.word(at, id, words);
  scratch.bytes.writeUInt32LE(crc32(scratch.bytes.subarray(4, at)), 0);
  return scratch.bytes.subarray(0, at);
}

/** Fails with "corrupt" on bytes that `encodePlain` did not write. */
export function decodePlain(bytes: Buffer, words: Words): FactList {
  if (bytes.length < DOUBLES_AT || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) throw new CaudalError("corrupt", "facts in the hot tier are damaged: their checksum does not fit");
  const count = bytes[4]!;
  const bytesAt = DOUBLES_AT + 24 * count;
  const ids: number[] = [];
  for (let at = bytesAt + BYTES_A_FACT * count; ids.length < bytes[5]!;) {
    const end = endOfWord(bytes, at);
    ids.push(words.idOf(bytes.toString("utf8", at + 2, end)));
    at = end;
  }
  // Another process numbers its words otherwise, and facts are in order of those numbers.
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) =>
    bytes.readDoubleLE(DOUBLES_AT + 8 * a) - bytes.readDoubleLE(DOUBLES_AT + 8 * b) || ids[bytes[bytesAt + a]!]! - ids[bytes[bytesAt + b]!]!);
  const facts = new FactList(count);
  facts.length = count;
  order.forEach((from, to) => {
    facts.instants[to] = bytes.readDoubleLE(DOUBLES_AT + 8 * from);
    facts.values[to] = bytes.readDoubleLE(DOUBLES_AT + 8 * (count + from));
    facts.knownAts[to] = bytes.readDoubleLE(DOUBLES_AT + 8 * (2 * count + from));
    facts.variables[to] = ids[bytes[bytesAt + from]!]!;
    facts.reasons[to] = ids[bytes[bytesAt + count + from]!]!;
    facts.flags[to] = bytes[bytesAt + 2 * count + from]!;
    facts.authorities[to] = bytes[bytesAt + 3 * count + from]!;
  });
  return facts;
}
