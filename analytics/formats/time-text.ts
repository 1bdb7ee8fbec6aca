import { formatInstant, zoneOffsetUs } from "@caudal/core";
import { DAY_US, MINUTE_US, SECOND_US } from "../buckets/calendar.ts";
import { writeDigits, writeText } from "./decimal-bytes.ts";

const COLON = 58;
/** Of `00:00:00.000Z`. */
const CLOCK_CHARACTERS = 13;
/** The longest that a time is as text, with a year beyond 9999, microseconds and an offset. */
export const TIME_BYTES = 40;

const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/**
 * Writes instants as RFC 3339 in a zone, with `Z` in UTC and the offset elsewhere. Made for long runs in time order: what rows of one day share
 * is written once. An offset that is no whole number of minutes (local mean times of old) cannot be written so; those stand in UTC.
 */
export class TimeText {
  readonly #zone: string;
  #dayUs = NaN;
  #offsetUs = NaN;
  #prefix = "";
  #suffix = "";
  /** Of prefix and suffix; undefined until they are written as bytes. */
  #bytes: { readonly prefix: Uint8Array; readonly suffix: Uint8Array } | undefined;

  constructor(zone: string) {
    this.#zone = zone;
  }

  format(timeUs: number): string {
    const inDay = this.#inDay(timeUs);
    if (inDay === undefined) return formatInstant(timeUs);
    const seconds = Math.floor(inDay / SECOND_US);
    const fraction = inDay - seconds * SECOND_US;
    const minutes = Math.floor(seconds / 60);
    const hour = Math.floor(minutes / 60);
    const clock = `${this.#prefix}${two[hour]!}:${two[minutes - hour * 60]!}:${two[seconds - minutes * 60]!}`;
    return fraction === 0 ? clock + this.#suffix : `${clock}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}${this.#suffix}`;
  }

  /** Writes the same text into `into` at `at`; gives where it ends. */
  write(into: Uint8Array, at: number, timeUs: number): number {
    const inDay = this.#inDay(timeUs);
    // A fraction of a second is rare enough to be written as text.
    if (inDay === undefined || inDay % SECOND_US !== 0) return writeText(into, at, this.format(timeUs));
    const seconds = inDay / SECOND_US;
    const minutes = Math.floor(seconds / 60);
    const hour = Math.floor(minutes / 60);
    const { prefix, suffix } = (this.#bytes ??= { prefix: Buffer.from(this.#prefix), suffix: Buffer.from(this.#suffix) });
    let end = copied(prefix, into, at);
    end = writeDigits(into, end, hour, 2);
    into[end] = COLON;
    end = writeDigits(into, end + 1, minutes - hour * 60, 2);
    into[end] = COLON;
    end = writeDigits(into, end + 1, seconds - minutes * 60, 2);
    return copied(suffix, into, end);
  }

  /** Where in its day the instant lies, whose texts are then at hand; undefined where the offset cannot be written. */
  #inDay(timeUs: number): number | undefined {
    const offsetUs = this.#zone === "UTC" ? 0 : zoneOffsetUs(timeUs, this.#zone);
    if (offsetUs % MINUTE_US !== 0) return undefined;
    const civilUs = timeUs + offsetUs;
    const inDay = civilUs - this.#dayUs;
    if (inDay >= 0 && inDay < DAY_US && offsetUs === this.#offsetUs) return inDay;
    this.#dayUs = Math.floor(civilUs / DAY_US) * DAY_US;
    this.#offsetUs = offsetUs;
    this.#prefix = new Date(this.#dayUs / 1000).toISOString().slice(0, -CLOCK_CHARACTERS);
    this.#suffix = this.#zone === "UTC" ? "Z" : offsetText(offsetUs);
    this.#bytes = undefined;
    return civilUs - this.#dayUs;
  }
}

/** Of a few bytes, for which a loop is quicker than a call. */
function copied(from: Uint8Array, into: Uint8Array, at: number): number {
  for (let i = 0; i < from.length; i++) into[at + i] = from[i]!;
  return at + from.length;
}

function offsetText(offsetUs: number): string {
  const minutes = Math.abs(offsetUs) / MINUTE_US;
  return `${offsetUs < 0 ? "-" : "+"}${two[Math.floor(minutes / 60)]!}:${two[minutes % 60]!}`;
}
