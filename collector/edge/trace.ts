import { randomBytes } from "node:crypto";

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
const POOL_BYTES = 24 * 512;

let pool = "";
let at = 0;

/** W3C trace context of a reading: a step of the caller's trace, or a trace of its own. */
export function traceparentFrom(caller: string | undefined): string {
  // One draw of randomness serves hundreds of readings: this runs for each of them.
  if (at + 48 > pool.length) {
    pool = randomBytes(POOL_BYTES).toString("hex");
    at = 0;
  }
  const fresh = pool.slice(at, at + 48);
  at += 48;
  const known = caller === undefined ? null : TRACEPARENT.exec(caller);
  return known === null ? `00-${fresh.slice(0, 32)}-${fresh.slice(32)}-01` : `00-${known[1]}-${fresh.slice(32)}-${known[2]}`;
}
