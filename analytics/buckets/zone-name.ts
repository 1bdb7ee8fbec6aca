import { isZone } from "@caudal/core";

const OFFSET = /^(?:UTC|GMT)?([+\- −])(\d{1,2})(?::?(\d{2}))?$/i;
const MAX_HOURS = 23;

/**
 * The zone that a caller means, as core/time knows it: an IANA name, `UTC`, `Z`, or a fixed offset such as `UTC-4`, `-04:00`, `+0530` (where
 * a plus that a URL turned into a blank is a plus). Undefined for all else.
 */
export function parseZone(text: string): string | undefined {
  const name = text.trimEnd();
  if (/^(?:utc|gmt|z)$/i.test(name)) return "UTC";
  const offset = OFFSET.exec(name);
  if (offset === null) return isZone(name) ? name : undefined;
  const [, sign, hours = "", minutes = "00"] = offset;
  if (Number(hours) > MAX_HOURS || Number(minutes) > 59) return undefined;
  if (Number(hours) === 0 && Number(minutes) === 0) return "UTC";
  return `${sign === "-" || sign === "−" ? "-" : "+"}${hours.padStart(2, "0")}:${minutes}`;
}
