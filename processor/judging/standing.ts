import { flags } from "@caudal/core";
import { maskOf } from "../rules/reason-mask.ts";
import { flagOf, reasonMaskOf } from "../rules/rules.ts";
import { column } from "../totaliser/counter-cells.ts";
import { LOOK_BACK, WINDOW, type Ring } from "./ring.ts";

/** Flow samples further apart than this say nothing of what is between; the same that makes a reconnection of a counter. */
export const SEEN_WITHIN_US = 7200 * 1_000_000;
/** Flow samples before a count that are looked at: of what is denser, only these are known to have been above zero. */
const MOST_LOOKED_AT = WINDOW - LOOK_BACK;
/** Above the right is too much water, or a wrong number; these are no flow to rely on. */
const DOUBTFUL = maskOf("flat-line", "spike", "rate", "clock-ahead");
const L_PER_M3_US = 1e9;

/** What is known of a count that does not move: since when and for how many samples it has been the same while flow was seen and never zero, and the m3 that passed meanwhile. */
export interface Standing {
  sinceUs: number;
  samples: number;
  passedM3: number;
}

const out: Standing = { sinceUs: NaN, samples: 0, passedM3: NaN };

/**
 * Water that passed by `flow` (L/s) while the count at the index is what it was before, from what stood at the count before it. Between two flow samples the lesser counts,
 * so it is no more than passed if flow went straight from one to the other. Where the flow of that time is no longer remembered, what was known stays. The result is
 * overwritten by the next call.
 */
export function standingAt(ring: Ring, index: number, { value, timeUs }: { readonly value: number; readonly timeUs: number }, flow: Ring): Readonly<Standing> {
  const last = newestUpTo(flow, timeUs);
  if (last < 0 && !flow.complete && ring.cell(index, column.standing) > 1 && ring.cell(index - 1, column.standing) >= 1 && ring.value(index - 1) === value) return kept(ring, index);
  if (Number.isNaN(value) || !runs(flow, last) || timeUs - flow.timeUs(last) > SEEN_WITHIN_US) return begun(NaN, 0);
  const before = index - 1;
  if (before < 0 || ring.value(before) !== value || !(ring.cell(before, column.standing) >= 1)) return begun(timeUs, 1);
  const fromUs = ring.timeUs(before);
  out.sinceUs = ring.cell(before, column.standingUs);
  out.samples = ring.cell(before, column.standing) + 1;
  out.passedM3 = ring.cell(before, column.passedM3);
  for (let at = last, looked = 1; flow.timeUs(at) > fromUs; at--, looked++) {
    if (at === 0) return flow.complete ? begun(timeUs, 1) : ring.cell(index, column.standing) > 1 ? kept(ring, index) : out;
    if (looked >= MOST_LOOKED_AT) return out;
    const gapUs = flow.timeUs(at) - flow.timeUs(at - 1);
    if (!runs(flow, at - 1) || gapUs > SEEN_WITHIN_US) return begun(timeUs, 1);
    out.passedM3 += (Math.min(flow.value(at), flow.value(at - 1)) * (flow.timeUs(at) - Math.max(flow.timeUs(at - 1), out.sinceUs))) / L_PER_M3_US;
  }
  return out;
}

/** True when the sample says that water flows. */
function runs(flow: Ring, index: number): boolean {
  if (index < 0 || !(flow.value(index) > 0)) return false;
  const judgement = flow.judgement(index);
  return flagOf(judgement) !== flags.bad && (reasonMaskOf(judgement) & DOUBTFUL) === 0;
}

function begun(sinceUs: number, samples: number): Standing {
  out.sinceUs = sinceUs;
  out.samples = samples;
  out.passedM3 = samples > 0 ? 0 : NaN;
  return out;
}

function kept(ring: Ring, index: number): Standing {
  out.sinceUs = ring.cell(index, column.standingUs);
  out.samples = ring.cell(index, column.standing);
  out.passedM3 = ring.cell(index, column.passedM3);
  return out;
}

function newestUpTo(ring: Ring, timeUs: number): number {
  const index = ring.indexOf(timeUs);
  return ring.isAt(index, timeUs) ? index : index - 1;
}

/** Notes it beside the count; true when it is otherwise than it was. */
export function noteStanding(ring: Ring, index: number, { sinceUs, samples, passedM3 }: Readonly<Standing>): boolean {
  const same = Object.is(ring.cell(index, column.standingUs), sinceUs) && ring.cell(index, column.standing) === samples && Object.is(ring.cell(index, column.passedM3), passedM3);
  ring.setCell(index, column.standingUs, sinceUs);
  ring.setCell(index, column.standing, samples);
  ring.setCell(index, column.passedM3, passedM3);
  return !same;
}
