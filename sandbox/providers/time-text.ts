export const SANTIAGO = "America/Santiago";

const formats = new Map<string, Intl.DateTimeFormat>();

/** A clock's digits at an instant, as if they were UTC: milliseconds. */
export function wallMs(timeMs: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((timeMs % 1000) + 1000) % 1000);
}

/** The instant at which a zone's clock shows these digits; of an hour that comes twice the first, of one that never comes the one after. */
export function instantOfWall(wall: number, zone: string): number {
  const offsets = [wall - 86_400_000, wall + 86_400_000].map((near) => wallMs(near, zone) - near);
  const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  return candidates.find((candidate) => wallMs(candidate, zone) === wall) ?? candidates.at(-1) ?? wall;
}

/** ISO 8601 in UTC with so many digits after the point; microseconds are shown when there are six or more. */
export function instantText(timeUs: number, digits: number): string {
  const text = new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, -1);
  if (digits === 3) return `${text}Z`;
  if (digits === 0) return `${text.slice(0, 19)}Z`;
  return `${text}${String(timeUs % 1000).padStart(3, "0")}${"0".repeat(Math.max(0, digits - 6))}Z`;
}

/** The same instant as Santiago's clock shows it, with its offset. */
export function offsetText(timeUs: number, digits: number): string {
  const timeMs = Math.floor(timeUs / 1000);
  const offsetMin = Math.round((wallMs(timeMs, SANTIAGO) - timeMs) / 60_000);
  const sign = offsetMin < 0 ? "-" : "+";
  const [hours, minutes] = [Math.floor(Math.abs(offsetMin) / 60), Math.abs(offsetMin) % 60];
  return `${instantText(timeUs + offsetMin * 60_000_000, digits).slice(0, -1)}${sign}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** Milliseconds of `2026-03-01`, `2026/03/01 09:00`, `2026-03-01T09:00:00.000Z` and their like; without a zone, digits of `zone`'s clock. */
export function parseTime(text: string, zone: string): number | undefined {
  const match = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", mark] = match;
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) + Number(`0.${fraction || "0"}`) * 1000;
  if (!Number.isFinite(wall)) return undefined;
  if (mark === undefined) return instantOfWall(wall, zone);
  if (mark === "Z") return wall;
  const sign = mark.startsWith("-") ? -1 : 1;
  return wall - sign * (Number(mark.slice(1, 3)) * 60 + Number(mark.slice(-2))) * 60_000;
}
