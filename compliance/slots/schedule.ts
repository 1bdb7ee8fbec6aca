import type { Standard } from "../regulators/regulator.ts";

const HOUR_US = 3_600_000_000;
/** The regulator's clock is UTC-4 all year. */
const BEHIND_UTC_US = 4 * HOUR_US;
const MINUTE_US = 60_000_000;

export type Schedule = { readonly standard: Exclude<Standard, "custom"> } | { readonly standard: "custom"; readonly everyMinutes: number };

/** Instants of a work's slots with fromUs <= instant < toUs, in order, on the regulator's clock: so that a hole is a row and not an absence. */
export function* slotInstants(schedule: Schedule, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): Generator<number> {
  const everyUs = "everyMinutes" in schedule ? schedule.everyMinutes * MINUTE_US : schedule.standard === "mayor" ? HOUR_US : undefined;
  if (everyUs !== undefined) {
    if (!(everyUs >= MINUTE_US)) throw new RangeError("slots are a minute apart at least");
    // Counted from the regulator's midnight of 1 January 1970, so that a restart asks for the same instants.
    for (let at = Math.ceil((fromUs - BEHIND_UTC_US) / everyUs) * everyUs + BEHIND_UTC_US; at < toUs; at += everyUs) if (at >= fromUs) yield at;
    return;
  }
  const first = new Date((fromUs - BEHIND_UTC_US) / 1000);
  const monthsApart = schedule.standard === "caudales-muy-pequenos" ? 6 : 1;
  if (schedule.standard === "medio") {
    for (let day = 0; ; day++) {
      const at = midnightUs(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() + day);
      if (at >= toUs) return;
      if (at >= fromUs) yield at;
    }
  }
  for (let month = monthsApart === 6 ? (first.getUTCMonth() < 6 ? 0 : 6) : first.getUTCMonth(); ; month += monthsApart) {
    const at = midnightUs(first.getUTCFullYear(), month, 1);
    if (at >= toUs) return;
    if (at >= fromUs) yield at;
  }
}

function midnightUs(year: number, month: number, day: number): number {
  return Date.UTC(year, month, day) * 1000 + BEHIND_UTC_US;
}
