import type { Measurement } from "@caudal/schemas";

const MAX_KEY_BYTES = 512;
const MAX_NAME_BYTES = 256;
const MAX_FACTS = 4096;
const MAX_REASONS = 64;

/**
 * What keeps a measurement from being stored in any tier, in words; undefined when nothing does. Tiers refuse such a measurement by its index
 * and store the others: instants and revisions are whole microseconds that a double holds exactly (about 1684 to 2255), values are
 * finite or null, flags fit a byte, names are short and without NUL.
 */
export function faultOf(measurement: Measurement): string | undefined {
  const { client, point, instantUs, receivedAtUs, authority, knownAtUs, facts } = measurement;
  if (!isName(client, MAX_KEY_BYTES)) return "client is empty, too long or holds NUL";
  if (!isName(point, MAX_KEY_BYTES)) return "point is empty, too long or holds NUL";
  if (!Number.isSafeInteger(instantUs)) return `instantUs ${instantUs} is no whole number of microseconds that can be kept`;
  if (!Number.isSafeInteger(receivedAtUs)) return `receivedAtUs ${receivedAtUs} is no whole number of microseconds that can be kept`;
  if (!Number.isSafeInteger(knownAtUs)) return `knownAtUs ${knownAtUs} is no whole number of microseconds that can be kept`;
  if (!isByte(authority)) return `authority ${authority} is not from 0 to 255`;
  if (facts.length > MAX_FACTS) return `more than ${MAX_FACTS} facts`;
  for (const fact of facts) {
    if (!isName(fact.variable, MAX_NAME_BYTES)) return "a variable is empty, too long or holds NUL";
    if (fact.value !== null && !Number.isFinite(fact.value)) return `value ${fact.value} of ${fact.variable} is not finite`;
    if (!isByte(fact.flag) || fact.flag === 0) return `flag ${fact.flag} of ${fact.variable} is not from 1 to 255`;
    if (fact.reasons.length > 0 && !areReasons(fact.reasons)) return `reasons of ${fact.variable} are too many or not codes`;
  }
  return undefined;
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

function isName(text: string, maxBytes: number): boolean {
  // A character takes three bytes of UTF-8 at most, so most names are settled without counting.
  if (text.length === 0 || text.includes("\0") || !text.isWellFormed()) return false;
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function areReasons(reasons: readonly string[]): boolean {
  return reasons.length <= MAX_REASONS && reasons.every((reason) => isName(reason, MAX_NAME_BYTES));
}
