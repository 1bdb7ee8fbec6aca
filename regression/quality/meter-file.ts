const S = 1_000_000;
const HOUR_US = 3600 * S;

/** A row of the smart meters' file. Litres are what the text says; NaN where it says no number. */
export interface MeterRow {
  readonly timeUs: number;
  readonly text: string;
  readonly litres: number;
}

export interface Meter {
  readonly key: string;
  /** In the file's order, which is the order of arrival. */
  readonly rows: readonly MeterRow[];
}

/**
 * The meters of a file "user key;dd/mm/yyyy HH:MM:SS;litres;diff" in civil time of Madrid without an offset. The hour that comes twice in October is read in the file's
 * order: first pass unless that would not be after the row before. Shares nothing with the product: what is read here is held against what the product reads.
 */
export function readMeters(text: string): Meter[] {
  const meters = new Map<string, MeterRow[]>();
  for (const line of text.split("\n").slice(1)) {
    const [key, date, reading] = line.trim().split(";");
    if (key === undefined || date === undefined || reading === undefined) continue;
    const rows = meters.get(key) ?? [];
    meters.set(key, rows);
    const found = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d):(\d\d)$/.exec(date);
    if (found === null) throw new Error(`no date: ${date}`);
    const [day, month, year, hour, minute, second] = found.slice(1).map(Number) as [number, number, number, number, number, number];
    const civilUs = Date.UTC(year, month - 1, day, hour, minute, second) * 1000;
    rows.push({ timeUs: instantOf(civilUs, year, rows.at(-1)?.timeUs ?? -Infinity), text: reading, litres: reading.trim() === "" ? NaN : Number(reading) });
  }
  return [...meters].map(([key, rows]) => ({ key, rows }));
}

/** Summer time of the European Union: from the last Sunday of March to that of October, both at 01:00 UTC. */
function instantOf(civilUs: number, year: number, afterUs: number): number {
  const summer = civilUs - 2 * HOUR_US;
  const winter = civilUs - HOUR_US;
  const [from, to] = [changeUs(year, 2), changeUs(year, 9)];
  const isSummer = summer >= from && summer < to;
  const isWinter = winter < from || winter >= to;
  if (isSummer && isWinter) return summer > afterUs ? summer : winter;
  return isSummer ? summer : winter;
}

function changeUs(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1) * 1000;
}
