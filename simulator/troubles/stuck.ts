import { keysOf } from "../fleet/keys.ts";
import type { Trouble } from "./trouble.ts";

/** A sensor that says the same whatever happens. */
export const stuck: Trouble = {
  name: "stuck",
  kinds: ["well", "channel", "kettle"],
  chance: 0.08,
  steps: [4, 16],
  reading({ window, step, random }, draft) {
    const place = placeOf(draft.kind.sensors.length, keysOf(draft.kind).length, random().next());
    if (step === window.begin) window.memo = draft.values[place] ?? 0;
    draft.values[place] = window.memo;
    draft.kinds.push("stuck");
  },
  end({ window, atUs, random, tell }, { kind }, steps) {
    const rows = keysOf(kind);
    const { key, decimals } = rows[placeOf(kind.sensors.length, rows.length, random().next())]!;
    tell({ what: "stuck", fromUs: window.fromUs, toUs: atUs, key, value: window.memo / 10 ** decimals, samples: steps });
  },
};

/** One of the sensors, which stand after the meter. */
function placeOf(sensors: number, keys: number, number: number): number {
  return keys - sensors + (number % sensors);
}
