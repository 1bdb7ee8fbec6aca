import type { Moment, Trouble } from "./trouble.ts";

/** The device is never as far off as half a step, so that no two of its readings have one time. */
const GREATEST_SHARE = 0.45;

/** Whole milliseconds, ahead or behind; 0 where the steps are too short to drift. */
function perStepUs({ window, stepUs, random }: Moment): number {
  const us = Math.floor((stepUs / 1000) * (GREATEST_SHARE / (window.end - window.begin))) * 1000;
  return random().chance(0.5) ? us : -us;
}

/** A clock that runs fast or slow, until somebody sets it. */
export const clockDrift: Trouble = {
  name: "clock-drift",
  kinds: ["household", "well", "channel", "kettle"],
  chance: 0.05,
  steps: [6, 20],
  reading(moment, draft) {
    const offUs = perStepUs(moment) * (moment.step - moment.window.begin + 1);
    if (offUs === 0) return;
    draft.timeUs += offUs;
    draft.kinds.push("clock-drift");
  },
  end(moment, _draft, steps) {
    const us = perStepUs(moment);
    if (us !== 0) moment.tell({ what: "drift", fromUs: moment.window.fromUs, toUs: moment.atUs, perStepUs: us, greatestUs: us * steps });
  },
};
