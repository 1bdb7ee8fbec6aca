import { decode, Tag, type DecodeOptions } from "cbor2";
import { parsed, refused, type Parsed } from "./decoded.ts";
import { MAX_DEPTH } from "./limits.ts";

export const CBOR_TYPE = "application/cbor";

/** Text and epoch times say what they are by where they stand; the third only says that this is CBOR. */
const TRANSPARENT_TAGS = [0, 1, 55_799];
const POSITIVE_BIG = 2;
const NEGATIVE_BIG = 3;
const MAX_BIG_BYTES = 8;
const DUPLICATE = "the same key stands twice";
const NO_TEXT = "a key is no text";

const options: DecodeOptions = { maxDepth: MAX_DEPTH + 1, ignoreGlobalTags: true, createObject: objectOf };

/** One row's value as JSON would have given it: texts as keys, numbers that a double holds exactly, no tag that does anything. */
export function parseCbor(row: Uint8Array): Parsed<unknown> {
  let value: unknown;
  try {
    value = decode(row, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : "not CBOR";
    return refused(message === NO_TEXT ? "wrong-type" : "malformed-binary", message.slice(0, 200));
  }
  return plain(value, "");
}

function objectOf(entries: readonly (readonly unknown[])[]): Record<string, unknown> {
  const seen = new Map<string, unknown>();
  for (const [key, value] of entries) {
    if (typeof key !== "string") throw new Error(NO_TEXT);
    if (seen.has(key)) throw new Error(DUPLICATE);
    seen.set(key, value);
  }
  return Object.fromEntries(seen);
}

function plain(value: unknown, field: string): Parsed<unknown> {
  switch (typeof value) {
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? parsed(Number(value)) : refused("not-exact", "a whole number beyond 2^53 does not fit a double exactly", field);
    case "undefined":
      return parsed(null);
    case "object":
      return value === null ? parsed(null) : plainObject(value, field);
    case "number": case "string": case "boolean":
      return parsed(value);
    default:
      return refused("wrong-type", "a value is a number, a text, true, false or null", field);
  }
}

function plainObject(value: object, field: string): Parsed<unknown> {
  if (value instanceof Tag) return plainTag(value, field);
  if (value instanceof Uint8Array) return refused("wrong-type", "a value is a number or a text, not a string of bytes", field);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const [at, item] of value.entries()) {
      const made = plain(item, `${field}.${at}`);
      if (!made.ok) return made;
      items.push(made.value);
    }
    return parsed(items);
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return refused("wrong-type", "a simple value that JSON has not", field);
  const entries: (readonly [string, unknown])[] = [];
  for (const [key, item] of Object.entries(value)) {
    const made = plain(item, field === "" ? key : `${field}.${key}`);
    if (!made.ok) return made;
    entries.push([key, made.value]);
  }
  return parsed(Object.fromEntries(entries));
}

function plainTag({ tag, contents }: Tag, field: string): Parsed<unknown> {
  const number = Number(tag);
  if (TRANSPARENT_TAGS.includes(number)) return plain(contents, field);
  if ((number !== POSITIVE_BIG && number !== NEGATIVE_BIG) || !(contents instanceof Uint8Array)) return refused("unsupported-format", `tag ${number} is not read`, field);
  if (contents.length > MAX_BIG_BYTES) return refused("not-exact", "a whole number beyond 2^53 does not fit a double exactly", field);
  let big = 0n;
  for (const byte of contents) big = big * 256n + BigInt(byte);
  return plain(number === POSITIVE_BIG ? big : -1n - big, field);
}
