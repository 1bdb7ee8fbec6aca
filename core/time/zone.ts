/**
 * IANA time zones. A civil time is what a wall clock and calendar show, written as microseconds since 1970 as if that
 * clock stood at UTC. Offsets come from Intl and are remembered by transition, so that a bucket costs no formatting.
 */

const SECOND_US = 1_000_000;
const HOUR_US = 3600 * SECOND_US;
const DAY_US = 24 * HOUR_US;
/** Transitions are looked for once a window, by steps shorter than any two real transitions are apart. */
const WINDOW_US = 364 * DAY_US;
const STEP_US = 7 * DAY_US;
/** No zone was ever further from UTC; a transition's effect on a civil time lies within it. */
const REACH_US = 27 * HOUR_US;
/** The caches hold what an installation uses; a caller that walks through all zones or ages starts them over. */
const MAX_ZONES = 64;
const MAX_WINDOWS = 512;

interface Window {
  /** Start instants of the spans, ascending; the first is the window's own start. */
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
}

interface Zone {
  readonly offsetOf: (instantUs: number) => number;
  readonly windows: Map<number, Window>;
  lastIndex: number;
  lastWindow: Window | undefined;
}

const zones = new Map<string, Zone>();

/** Microseconds to add to an instant to get the civil time. Throws a RangeError for a name that is no zone. */
export function zoneOffsetUs(instantUs: number, zone: string): number {
  const found = zoneOf(zone);
  const index = Math.floor(instantUs / WINDOW_US);
  if (found.lastWindow === undefined || found.lastIndex !== index) {
    found.lastWindow = windowOf(found, index);
    found.lastIndex = index;
  }
  const { starts, offsets } = found.lastWindow;
  let span = starts.length - 1;
  while (span > 0 && (starts[span] ?? 0) > instantUs) span--;
  return offsets[span] ?? 0;
}

/** Civil time in the zone at the instant, both in microseconds. */
export function instantToCivil(instantUs: number, zone: string): number {
  return instantUs + zoneOffsetUs(instantUs, zone);
}

/** The instants at which the zone's clocks showed the civil time, ascending: none in a skipped hour, two in a repeated one. */
export function civilToInstants(civilUs: number, zone: string): number[] {
  const before = zoneOffsetUs(civilUs - REACH_US, zone);
  const after = zoneOffsetUs(civilUs + REACH_US, zone);
  if (before === after) return [civilUs - before];
  const instants: number[] = [];
  for (const offset of before > after ? [before, after] : [after, before]) {
    const instantUs = civilUs - offset;
    if (zoneOffsetUs(instantUs, zone) === offset) instants.push(instantUs);
  }
  return instants;
}

/** The first instant of the civil time; a time that the clocks skipped is read as if they had not been moved. */
export function civilToInstant(civilUs: number, zone: string): number {
  return civilToInstants(civilUs, zone)[0] ?? civilUs - zoneOffsetUs(civilUs - REACH_US, zone);
}

/** True when Intl knows the name. */
export function isZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = { offsetOf: offsetReader(name), windows: new Map(), lastIndex: 0, lastWindow: undefined };
    if (zones.size >= MAX_ZONES) zones.clear();
    zones.set(name, zone);
  }
  return zone;
}

function windowOf(zone: Zone, index: number): Window {
  let window = zone.windows.get(index);
  if (window === undefined) {
    window = findSpans(zone.offsetOf, index * WINDOW_US);
    if (zone.windows.size >= MAX_WINDOWS) zone.windows.clear();
    zone.windows.set(index, window);
  }
  return window;
}

function findSpans(offsetOf: (instantUs: number) => number, startUs: number): Window {
  const starts = [startUs];
  let offset = offsetOf(startUs);
  const offsets = [offset];
  for (let atUs = startUs + STEP_US; atUs <= startUs + WINDOW_US; atUs += STEP_US) {
    const next = offsetOf(atUs);
    if (next === offset) continue;
    starts.push(transitionIn(offsetOf, atUs - STEP_US, atUs));
    offsets.push(next);
    offset = next;
  }
  return { starts, offsets };
}

/** First whole second in (lowUs, highUs] that has the offset of highUs. */
function transitionIn(offsetOf: (instantUs: number) => number, lowUs: number, highUs: number): number {
  const target = offsetOf(highUs);
  let low = lowUs / SECOND_US;
  let high = highUs / SECOND_US;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetOf(middle * SECOND_US) === target) high = middle;
    else low = middle;
  }
  return high * SECOND_US;
}

function offsetReader(timeZone: string): (instantUs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone, hourCycle: "h23", era: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  return (instantUs) => {
    const instantMs = Math.floor(instantUs / SECOND_US) * 1000;
    const field: Record<string, string> = {};
    for (const part of format.formatToParts(instantMs)) field[part.type] = part.value;
    const year = field["era"] === "BC" ? 1 - Number(field["year"]) : Number(field["year"]);
    const civil = new Date(0);
    civil.setUTCFullYear(year, Number(field["month"]) - 1, Number(field["day"]));
    civil.setUTCHours(Number(field["hour"]), Number(field["minute"]), Number(field["second"]));
    return (civil.getTime() - instantMs) * 1000;
  };
}
