import { parsed, refused, type Parsed } from "./decoded.ts";
import { MAX_DEPTH, MAX_ROWS } from "./limits.ts";

const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const BREAK = 0xff;
const INDEFINITE = 31;
const ARGUMENT_BYTES: Readonly<Record<number, number>> = { 24: 1, 25: 2, 26: 4, 27: 8 };

/** An open array, map, string of pieces or tag, and how many items it still waits for; infinite until a break. */
interface Open {
  left: number;
  readonly major: number;
}

/**
 * Cuts a CBOR body into the exact bytes of its rows: the elements of an array, or the one item that it is. Nothing is built yet, so that
 * lengths that lie cost nothing: every item must lie within the body, and nesting ends where JSON's does.
 */
export function cborRows(body: Uint8Array): Parsed<readonly Uint8Array[]> {
  if (body.length === 0) return refused("empty", "there is nothing in it");
  const whole = itemEnd(body, 0);
  if (!whole.ok) return whole;
  if (whole.value !== body.length) return refused("malformed-binary", `something follows the item's end at byte ${whole.value}`);
  const head = body[0] ?? 0;
  if (head >> 5 !== ARRAY) return parsed([body]);
  const start = headOf(body, 0);
  if (!start.ok) return start;
  const rows: Uint8Array[] = [];
  for (let at = start.value.next; at < body.length && !(start.value.argument === Infinity && body[at] === BREAK);) {
    const end = itemEnd(body, at);
    if (!end.ok) return end;
    if (rows.push(body.subarray(at, end.value)) > MAX_ROWS) return refused("too-large", `more than ${MAX_ROWS} rows`);
    at = end.value;
  }
  return rows.length === 0 ? refused("empty", "the array is empty") : parsed(rows);
}

/** Where the item that begins at a byte ends. */
function itemEnd(body: Uint8Array, from: number): Parsed<number> {
  const open: Open[] = [];
  let at = from;
  for (;;) {
    const top = open.at(-1);
    if (body[at] === BREAK && top?.left === Infinity) {
      at += 1;
      open.pop();
    } else {
      const head = headOf(body, at);
      if (!head.ok) return head;
      const { major, argument, next } = head.value;
      if (top !== undefined && (top.major === 2 || top.major === 3) && (major !== top.major || argument === Infinity)) return refused("malformed-binary", `byte ${at}: a piece of another type in a string of pieces`);
      at = next;
      const holds = itemsWithin(major, argument);
      if (holds === undefined) {
        at += argument;
        if (at > body.length) return refused("malformed-binary", "a string is longer than the message");
      } else if (holds > 0) {
        // Each item takes a byte at least: a count that cannot fit is refused before anything is made of it.
        if (holds !== Infinity && holds > body.length - at) return refused("malformed-binary", "more items are promised than there are bytes");
        if (open.push({ left: holds, major }) > MAX_DEPTH) return refused("too-deep", `nested deeper than ${MAX_DEPTH}`);
        continue;
      }
    }
    for (let done = open.at(-1); done !== undefined && done.left !== Infinity; done = open.at(-1)) {
      done.left -= 1;
      if (done.left > 0) break;
      open.pop();
    }
    if (open.length === 0) return parsed(at);
  }
}

/** How many items follow the head; undefined for strings, whose bytes follow. */
function itemsWithin(major: number, argument: number): number | undefined {
  if (major === 2 || major === 3) return argument === Infinity ? Infinity : undefined;
  if (major === ARRAY) return argument;
  if (major === MAP) return argument * 2;
  return major === TAG ? 1 : 0;
}

function headOf(body: Uint8Array, at: number): Parsed<{ readonly major: number; readonly argument: number; readonly next: number }> {
  const first = body[at];
  if (first === undefined) return refused("malformed-binary", "the message ends inside an item");
  const major = first >> 5;
  const info = first & 31;
  if (info < 24) return parsed({ major, argument: info, next: at + 1 });
  if (info === INDEFINITE && major >= 2 && major <= MAP) return parsed({ major, argument: Infinity, next: at + 1 });
  const count = ARGUMENT_BYTES[info];
  if (count === undefined) return refused("malformed-binary", `byte ${at}: no item begins with 0x${first.toString(16)}`);
  if (at + 1 + count > body.length) return refused("malformed-binary", "the message ends inside an item");
  let argument = 0;
  for (let place = at + 1; place <= at + count; place++) argument = argument * 256 + (body[place] ?? 0);
  return parsed({ major, argument, next: at + 1 + count });
}
