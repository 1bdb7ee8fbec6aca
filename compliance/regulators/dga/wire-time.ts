/** The regulator's clock: UTC-4 all year, whatever people's clocks do (Decreto 53/2020, Res. 1.238/2019). */
const BEHIND_UTC_US = 4 * 3_600_000_000;

function wallClock(timeUs: number): string {
  return new Date((timeUs - BEHIND_UTC_US) / 1000).toISOString();
}

/** `2026-06-11` and `13:00:00`: the day and the time of a measurement. */
export function wireTime(timeUs: number): { readonly date: string; readonly time: string } {
  const text = wallClock(timeUs);
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}

/** `2026-06-11T13:00:30-0000`: when something was sent. The tail is the manual's own, and does not mean UTC. */
export function wireStamp(timeUs: number): string {
  return `${wallClock(timeUs).slice(0, 19)}-0000`;
}

/** The regulator's day that an instant lies in: `2026-06-11`. A slot is tried at most once in each. */
export function wireDay(timeUs: number): string {
  return wireTime(timeUs).date;
}
