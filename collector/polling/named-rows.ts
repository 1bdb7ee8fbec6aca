import type { AccountDevice } from "../providers/account.ts";
import type { RefusedRow, TimedSample } from "../providers/provider.ts";

/** A source time further ahead than this of its receipt is no time. */
const MAX_AHEAD_US = 24 * 3600 * 1_000_000;

/** Rows under the account's names and units; those from the far future are refused. */
export function namedRows(samples: readonly TimedSample[], { names, units }: AccountDevice, receivedAtUs: number): { readonly samples: readonly TimedSample[]; readonly implausible: readonly RefusedRow[] } {
  const implausible: RefusedRow[] = [];
  const good: TimedSample[] = [];
  for (const sample of samples) {
    if (sample.timeUs > receivedAtUs + MAX_AHEAD_US || sample.timeUs < 0) {
      implausible.push({ raw: Buffer.from(JSON.stringify(sample)), why: "implausible-time", detail: `${sample.key}: its time is more than 24 h ahead, or before 1970` });
      continue;
    }
    const key = names[sample.key] ?? sample.key;
    good.push({ ...sample, key, unit: sample.unit ?? units[sample.key] ?? units[key] ?? null });
  }
  return { samples: good, implausible };
}
