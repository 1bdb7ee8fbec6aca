import { CaudalError, type FactList, type Words } from "@caudal/core";
import type { Fact } from "@caudal/schemas";

/*
 * Some facts of one row as bytes: one byte that says what follows, the flags (one byte each), the values (IEEE 754, big-endian, NaN without a value), the
 * sets of reasons (JSON, an array of sorted arrays). Flags are left out where all are 1 (good), reasons where there are none: that is nearly all rows.
 */
const ALL_GOOD = 0;
const WITH_FLAGS = 1;
const WITH_REASONS = 2;
const GOOD = 1;

/** Facts of a row, which all have different variables in the order of code units. */
export function encodeFacts(facts: readonly Fact[]): Buffer {
  const hasReasons = facts.some(({ reasons }) => reasons.length > 0);
  const layout = hasReasons ? WITH_REASONS : facts.every(({ flag }) => flag === GOOD) ? ALL_GOOD : WITH_FLAGS;
  const reasons = hasReasons ? Buffer.from(JSON.stringify(facts.map((fact) => fact.reasons.toSorted()))) : undefined;
  const bytes = Buffer.allocUnsafe(1 + (layout === ALL_GOOD ? 0 : facts.length) + facts.length * 8 + (reasons?.length ?? 0));
  let at = bytes.writeUInt8(layout, 0);
  if (layout !== ALL_GOOD) for (const { flag } of facts) at = bytes.writeUInt8(flag, at);
  for (const { value } of facts) at = bytes.writeDoubleBE(value ?? NaN, at);
  reasons?.copy(bytes, at);
  return bytes;
}

/** The variables of a row: their numbers, and their places in the row in the order of these numbers. */
export interface RowShape {
  readonly ids: readonly number[];
  readonly places: readonly number[];
}

/** What stands in a row's key. */
export interface RowHead {
  readonly instantUs: number;
  readonly authority: number;
  readonly knownAtUs: number;
}

/** Adds a row's facts to a list, in the order of their variables' numbers. Fails with "corrupt" on other bytes than `encodeFacts` wrote. */
export function decodeFacts(bytes: Buffer, { ids, places }: RowShape, head: RowHead, into: { readonly facts: FactList; readonly words: Words }): void {
  const count = ids.length;
  const layout = bytes[0];
  const values = layout === ALL_GOOD ? 1 : 1 + count;
  const end = values + count * 8;
  if (layout === undefined || layout > WITH_REASONS || bytes.length < end || (layout !== WITH_REASONS && bytes.length > end)) {
    throw new CaudalError("corrupt", `a row of ${count} facts has ${bytes.length} bytes that do not fit`);
  }
  const sets = layout === WITH_REASONS ? (JSON.parse(bytes.toString("utf8", end)) as readonly (readonly string[])[]) : undefined;
  const { facts, words } = into;
  facts.reserve(facts.length + count);
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    const at = facts.length++;
    facts.instants[at] = head.instantUs;
    facts.variables[at] = ids[place]!;
    facts.values[at] = bytes.readDoubleBE(values + place * 8);
    facts.flags[at] = layout === ALL_GOOD ? GOOD : bytes[1 + place]!;
    facts.authorities[at] = head.authority;
    facts.knownAts[at] = head.knownAtUs;
    facts.reasons[at] = sets === undefined ? 0 : words.idOfReasons(sets[place]!);
  }
}
