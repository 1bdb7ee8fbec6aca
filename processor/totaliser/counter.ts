import type { Ring } from "../judging/ring.ts";
import { column, nothingCarried, type Carried } from "./counter-cells.ts";
import { decide, type CounterRules, type Decided } from "./decide.ts";
import { bare, kinds, verdictOf } from "./kinds.ts";
import { LOOK_AHEAD } from "./look-ahead.ts";

/** What the totaliser knows of one counter of a point, beside the cells of its ring. */
export interface CounterState {
  rules: CounterRules;
  /** Carried up to the oldest sample in the ring. */
  base: Carried;
}

/** Another view of a sample than was told before. */
export interface CounterChange {
  readonly index: number;
  readonly kindBefore: number;
  /** m3 before this count and with it; NaN where the counter gives no volume. */
  readonly kind: number;
  readonly baseline: number;
  readonly volumeM3: number;
  readonly flowLps: number;
  readonly hadVolume: boolean;
  readonly hadFlow: boolean;
}

const out: Decided = { ...nothingCarried(), kind: kinds.first, volumeM3: NaN, flowLps: NaN };

/**
 * Goes over the counts again from the first that a change of the sample at `from` may touch, up to where nothing is otherwise than it was. `changedTo`: index of the
 * last sample whose value or judgement is new. Tells of each sample that is seen otherwise.
 */
export function trace(ring: Ring, counter: CounterState, { from, changedTo = from }: { readonly from: number; readonly changedTo?: number }, told: (change: CounterChange) => void): void {
  let index = startOf(ring, from);
  load(ring, counter, index);
  for (; index < ring.count; index++) {
    const baseline = out.baseline;
    decide(ring, index, counter.rules, out);
    const kindBefore = ring.cell(index, column.kind);
    const flowBefore = ring.cell(index, column.flowLps);
    const volumeBefore = ring.cell(index, column.volumeM3);
    const seen = Object.is(kindBefore, out.kind) && Object.is(volumeBefore, out.volumeM3) && Object.is(flowBefore, out.flowLps);
    const carried = seen && carries(ring, index);
    store(ring, index);
    if (!seen) told({ index, kindBefore, kind: out.kind, baseline, volumeM3: out.volumeM3, flowLps: out.flowLps, hadVolume: !Number.isNaN(volumeBefore), hadFlow: !Number.isNaN(flowBefore) });
    if (carried && index > changedTo) return;
  }
}

/** Before the oldest sample goes: what it hands on is where the ring begins. */
export function carryOldest(ring: Ring, { base }: CounterState): void {
  base.baseline = ring.cell(0, column.baseline);
  base.baselineUs = ring.cell(0, column.baselineUs);
  base.offsetM3 = ring.cell(0, column.offsetM3);
  base.waiting = ring.cell(0, column.waiting);
}

/** A new last sample changes those before it only where one of them waits to see what follows, or where it is below them: one of them may have been too high. */
function startOf(ring: Ring, from: number): number {
  const earliest = Math.max(0, from - LOOK_AHEAD);
  if (from < ring.count - 1 || (from > 0 && ring.value(from) < ring.cell(from - 1, column.baseline))) return earliest;
  for (let index = earliest; index < from; index++) {
    const kind = bare(ring.cell(index, column.kind));
    if (kind > kinds.jitter || Number.isNaN(kind)) return earliest;
  }
  return from;
}

function carries(ring: Ring, index: number): boolean {
  return Object.is(ring.cell(index, column.baseline), out.baseline) && Object.is(ring.cell(index, column.baselineUs), out.baselineUs)
    && ring.cell(index, column.offsetM3) === out.offsetM3 && ring.cell(index, column.waiting) === out.waiting;
}

function load(ring: Ring, { base }: CounterState, index: number): void {
  const before = index - 1;
  out.baseline = before < 0 ? base.baseline : ring.cell(before, column.baseline);
  out.baselineUs = before < 0 ? base.baselineUs : ring.cell(before, column.baselineUs);
  out.offsetM3 = before < 0 ? base.offsetM3 : ring.cell(before, column.offsetM3);
  out.waiting = before < 0 ? base.waiting : ring.cell(before, column.waiting);
}

function store(ring: Ring, index: number): void {
  ring.setCell(index, column.kind, out.kind);
  ring.setCell(index, column.baseline, out.baseline);
  ring.setCell(index, column.baselineUs, out.baselineUs);
  ring.setCell(index, column.offsetM3, out.offsetM3);
  ring.setCell(index, column.waiting, out.waiting);
  ring.setCell(index, column.volumeM3, out.volumeM3);
  ring.setCell(index, column.flowLps, out.flowLps);
  ring.setCell(index, column.verdict, verdictOf(out.kind));
}
