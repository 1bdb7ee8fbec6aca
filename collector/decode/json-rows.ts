import { LINE_FEED, linesOf, textOf, isBlank, trimmed } from "./bytes.ts";
import { parsed, refused, type Parsed } from "./decoded.ts";
import { MAX_DEPTH, MAX_ROWS } from "./limits.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Cuts a body into the exact bytes of its rows: the elements of an array, the lines of NDJSON, or the body itself. Rows are not looked
 * into, so that a bad one costs none of its neighbours; only an array that never ends, or goes on after its end, is refused whole.
 */
export function jsonRows(bytes: Uint8Array, lines = false): Parsed<readonly Uint8Array[]> {
  const body = trimmed(bytes);
  if (body.length === 0) return refused("empty", "there is nothing in it");
  const rows = lines ? linesWithin(body) : body[0] === OPEN_ARRAY ? elementsOf(body) : parsed(oneOrLines(body));
  if (!rows.ok) return rows;
  if (rows.value.length === 0) return refused("empty", "the array is empty");
  if (rows.value.length > MAX_ROWS) return refused("too-large", `more than ${MAX_ROWS} rows`);
  return rows;
}

/** One row's value. The only throw inside is JSON.parse's own. */
export function parseJson(row: Uint8Array): Parsed<unknown> {
  const text = textOf(row);
  if (!text.ok) return text;
  if (text.value.trim() === "") return refused("malformed-json", "a row is missing between two commas");
  if (isTooDeep(row)) return refused("too-deep", `nested deeper than ${MAX_DEPTH}`);
  try {
    return parsed(JSON.parse(text.value));
  } catch (error) {
    if (writesNotFinite(text.value)) return refused("not-finite", "NaN and Infinity are no JSON numbers");
    return refused("malformed-json", error instanceof Error ? error.message.slice(0, 200) : "not JSON");
  }
}

function linesWithin(body: Uint8Array): Parsed<readonly Uint8Array[]> {
  const rows: Uint8Array[] = [];
  for (const line of linesOf(body)) if (rows.push(line) > MAX_ROWS) break;
  return parsed(rows);
}

/** A body that is no array is one row, unless its first line is a whole object and more follows: then it is NDJSON under another name. */
function oneOrLines(body: Uint8Array): readonly Uint8Array[] {
  if (!body.includes(LINE_FEED)) return [body];
  const [first] = linesOf(body);
  if (first === undefined || first.length === body.length || first[0] !== OPEN_OBJECT || !isWholeObject(first)) return [body];
  const rows = linesWithin(body);
  return rows.ok ? rows.value : [body];
}

function isWholeObject(line: Uint8Array): boolean {
  const scan = new Scan();
  for (let at = 0; at < line.length; at++) {
    scan.take(line[at] ?? 0);
    if (scan.depth === 0) return at === line.length - 1;
  }
  return false;
}

function elementsOf(body: Uint8Array): Parsed<readonly Uint8Array[]> {
  const rows: Uint8Array[] = [];
  const scan = new Scan();
  let start = 1;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0;
    const wasInside = scan.inside;
    scan.take(byte);
    const ends = scan.depth === 0;
    if (!ends && (scan.depth !== 1 || byte !== COMMA || wasInside)) continue;
    const row = trimmed(body.subarray(start, at));
    // An array of nothing has no rows; a comma before its end leaves an empty one, which is refused as a row.
    if (!ends || row.length > 0 || rows.length > 0) rows.push(row);
    if (rows.length > MAX_ROWS) return parsed(rows);
    start = at + 1;
    if (ends) return onlyBlank(body, start) ? parsed(rows) : refused("malformed-json", `something follows the array's end at byte ${start}`);
  }
  return refused("malformed-json", "the array has no end");
}

function onlyBlank(body: Uint8Array, from: number): boolean {
  for (let at = from; at < body.length; at++) if (!isBlank(body[at])) return false;
  return true;
}

/** Follows brackets and strings byte by byte; UTF-8 keeps all of them below the bytes of other characters. */
class Scan {
  depth = 0;
  inside = false;
  #escaped = false;

  take(byte: number): void {
    if (this.inside) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.inside = false;
    } else if (byte === QUOTE) this.inside = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) this.depth++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.depth--;
  }
}

/** Brackets of a kind that open anywhere in the row, strings included; counted no further than what may be nested. */
function openings(row: Uint8Array, bracket: number): number {
  let count = 0;
  for (let at = row.indexOf(bracket); at !== -1 && count <= MAX_DEPTH; at = row.indexOf(bracket, at + 1)) count++;
  return count;
}

function isTooDeep(row: Uint8Array): boolean {
  // What opens no more often than it may be nested is not nested deeper.
  if (openings(row, OPEN_OBJECT) + openings(row, OPEN_ARRAY) <= MAX_DEPTH) return false;
  const scan = new Scan();
  for (const byte of row) {
    scan.take(byte);
    if (scan.depth > MAX_DEPTH) return true;
  }
  return false;
}

const BARE_NUMBER_WORDS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

function writesNotFinite(text: string): boolean {
  if (!text.includes("NaN") && !text.includes("Infinity")) return false;
  try {
    JSON.parse(text.replace(BARE_NUMBER_WORDS, (token) => (token.startsWith('"') ? token : "0")));
    return true;
  } catch {
    return false;
  }
}
