import type { Trouble } from "./trouble.ts";

/** Millilitres of a step: the same at each, so that the sum is exact. */
function leakMl({ random, stepUs }: Parameters<NonNullable<Trouble["use"]>>[0]): number {
  return Math.max(1, Math.round((random().between(5, 60) * stepUs) / 1_000_000));
}

/** Water that runs all the time, behind the meter. */
export const leak: Trouble = {
  name: "leak",
  kinds: ["household"],
  chance: 0.06,
  steps: [8, 24],
  use: leakMl,
  end(moment, _draft, steps) {
    const ml = leakMl(moment) * steps;
    const { window, atUs, stepUs, tell } = moment;
    tell({ what: "leak", fromUs: window.fromUs, toUs: atUs, flowLps: Math.round((ml / steps) * 1_000_000 / stepUs) / 1000, litres: ml / 1000 });
  },
};
