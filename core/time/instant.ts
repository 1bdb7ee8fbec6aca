import { civilToInstant } from "./zone.ts";

const MINUTE_US = 60_000_000;
const SECOND_US = 1_000_000;

/** A date and clock as somebody wrote them. */
export interface WrittenTime {
  /** As if the clock stood at UTC, microseconds since 1970. */
  readonly civilUs: number;
  /** What the writer said to be ahead of UTC by, in microseconds; null when they did not say. */
  readonly offsetUs: number | null;
}

const EXTENDED = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?$/;
const BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?$/;
const OFFSET = / ?(?:([Zz]|UTC)|([+-])(\d\d)(?::?(\d\d))?)$/;

/**
 * Reads RFC 3339 and its common relatives: a blank for the T, a comma before the fraction, no seconds, no clock, offsets as
 * Z, UTC, +03, +0300 or +03:00, none at all, and the basic form 20260301T090000Z. Fractions of any length are cut to microseconds.
 * Undefined for all else and for dates that no calendar has.
 */
export function parseWrittenTime(text: string): WrittenTime | undefined {
  const whole = civilOf(text);
  if (whole !== undefined) return { civilUs: whole, offsetUs: null };
  const zone = OFFSET.exec(text);
  if (zone === null) return undefined;
  const civilUs = civilOf(text.slice(0, zone.index));
  // A date without a clock has no offset: the day before the sign would be read as one.
  if (civilUs === undefined || zone.index <= 10) return undefined;
  if (zone[1] !== undefined) return { civilUs, offsetUs: 0 };
  const [hours, minutes] = [Number(zone[3]), Number(zone[4] ?? 0)];
  if (hours > 23 || minutes > 59) return undefined;
  const offsetUs = (hours * 60 + minutes) * MINUTE_US;
  return { civilUs, offsetUs: zone[2] === "-" ? -offsetUs + 0 : offsetUs };
}

/**
 * The instant of a written time in microseconds since 1970 UTC. A time without an offset is read in `zone`, and is undefined when no
 * zone is given; of a repeated hour it is the first pass.
 */
export function parseInstant(text: string, zone?: string): number | undefined {
  const written = parseWrittenTime(text);
  if (written === undefined) return undefined;
  if (written.offsetUs !== null) return written.civilUs - written.offsetUs;
  return zone === undefined ? undefined : civilToInstant(written.civilUs, zone);
}

/** RFC 3339 in UTC with as many digits of the second as the instant needs: `2026-03-01T12:00:00Z`, `…:00.123456Z`. */
export function formatInstant(instantUs: number): string {
  const seconds = Math.floor(instantUs / SECOND_US);
  const fraction = instantUs - seconds * SECOND_US;
  const text = new Date(seconds * 1000).toISOString().slice(0, -5);
  return fraction === 0 ? `${text}Z` : `${text}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}Z`;
}

/** Civil time of calendar parts, in microseconds since 1970; undefined when there is no such date or time. 24:00 is the next midnight, a leap second the next second. */
export function civilOfParts(year: number, month: number, day: number, clock: { hour: number; minute: number; second: number; micros?: number }): number | undefined {
  const { hour, minute, second, micros = 0 } = clock;
  if (minute > 59 || second > 60 || hour > 24 || (hour === 24 && (minute > 0 || second > 0 || micros > 0))) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (month < 1 || month > 12 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.getTime() * 1000 + (hour * 3600 + minute * 60 + second) * SECOND_US + micros;
}

function civilOf(text: string): number | undefined {
  const m = EXTENDED.exec(text) ?? BASIC.exec(text);
  if (m === null) return undefined;
  const micros = Number((m[7] ?? "").slice(0, 6).padEnd(6, "0"));
  const clock = { hour: Number(m[4] ?? 0), minute: Number(m[5] ?? 0), second: Number(m[6] ?? 0), micros };
  return civilOfParts(Number(m[1]), Number(m[2]), Number(m[3]), clock);
}
