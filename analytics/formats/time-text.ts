import { formatInstant, zoneOffsetUs } from "@caudal/core";
import { HOUR_US, MINUTE_US, SECOND_US } from "../buckets/calendar.ts";

const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/**
 * Writes instants as RFC 3339 in a zone, with `Z` in UTC and the offset elsewhere. Made for long runs in time order: what rows of one hour share
 * is written once. An offset that is no whole number of minutes (local mean times of old) cannot be written so; those stand in UTC.
 */
export class TimeText {
  readonly #zone: string;
  #hourUs = NaN;
  #offsetUs = NaN;
  #prefix = "";
  #suffix = "";

  constructor(zone: string) {
    this.#zone = zone;
  }

  format(timeUs: number): string {
    const offsetUs = this.#zone === "UTC" ? 0 : zoneOffsetUs(timeUs, this.#zone);
    if (offsetUs % MINUTE_US !== 0) return formatInstant(timeUs);
    const civilUs = timeUs + offsetUs;
    const hourUs = Math.floor(civilUs / HOUR_US) * HOUR_US;
    if (hourUs !== this.#hourUs || offsetUs !== this.#offsetUs) {
      this.#hourUs = hourUs;
      this.#offsetUs = offsetUs;
      this.#prefix = new Date(hourUs / 1000).toISOString().slice(0, -10);
      this.#suffix = this.#zone === "UTC" ? "Z" : offsetText(offsetUs);
    }
    const inHour = civilUs - hourUs;
    const seconds = Math.floor(inHour / SECOND_US);
    const fraction = inHour - seconds * SECOND_US;
    const minute = Math.floor(seconds / 60);
    const clock = `${this.#prefix}${two[minute]!}:${two[seconds - minute * 60]!}`;
    return fraction === 0 ? clock + this.#suffix : `${clock}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}${this.#suffix}`;
  }
}

function offsetText(offsetUs: number): string {
  const minutes = Math.abs(offsetUs) / MINUTE_US;
  return `${offsetUs < 0 ? "-" : "+"}${two[Math.floor(minutes / 60)]!}:${two[minutes % 60]!}`;
}
