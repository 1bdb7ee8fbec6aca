import type { Logger, Metrics } from "@caudal/runtime";
import { sha256Hex, type EntryBody } from "../ledger/entry.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Obra } from "../obras/obra.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import { STUCK_SLOTS } from "../quality/stuck-total.ts";
import type { Regulator } from "../regulators/regulator.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { earlierSlots, isOwed } from "./earlier-slots.ts";
import { readWindows, type FactWindows, type SlotSeries, type Span } from "./fact-windows.ts";
import { lateRevisions } from "./late-revision.ts";
import { confirmedOf, lookAt } from "./look.ts";
import { sameTaken, selectFrom, windowOf, type Selection } from "./selection.ts";
import type { StoredTouch, Touches } from "./touches.ts";

/** The name under which a round writes entries. */
export const BY = "freezing";
const MINUTE_US = 60_000_000;
const PATIENCE_US = 60 * MINUTE_US;
const TRIES = 5;

export interface LookParts {
  readonly obras: Pick<ObraBook, "inForce">;
  readonly slots: SlotBook;
  readonly ledger: Ledger;
  readonly series: SlotSeries;
  readonly regulators: ReadonlyMap<string, Pick<Regulator, "freeze">>;
  readonly touches: Touches;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A slot that is looked at, and the words that say why. */
export interface Wanted {
  readonly row: SlotRow;
  readonly touches: readonly StoredTouch[];
}

export type LookOutcome = "waiting" | "frozen" | "held" | "as-held" | "no-data" | "not-owed" | "revised" | "unchanged" | "overtaken";

/** True of a slot that nothing was decided of, or that is held and may still be frozen. */
export function isUndecided({ standing, state }: Pick<SlotRow, "standing" | "state">): boolean {
  return standing === "expected" || (standing === "held" && state.attempts === 0);
}

/** Looks at some slots of one work, with one read a point and range of hours, and writes what comes of it. */
export async function lookAtWork(parts: LookParts, obra: Obra, wanted: readonly Wanted[], nowUs: number): Promise<LookOutcome[]> {
  const facts = await readWindows(parts.series, obra, wanted.flatMap(({ row }) => spansOf(obra, row)));
  const selections = new Map<number, Selection>();
  const selected = (slotUs: number): Selection => {
    const known = selections.get(slotUs) ?? selectFrom(facts, obra, slotUs, nowUs);
    selections.set(slotUs, known);
    return known;
  };
  const outcomes: LookOutcome[] = [];
  const touchesOf = await allTouches(parts.touches, obra, wanted);
  for (const { row } of wanted) {
    const touches = touchesOf(row.slotUs);
    const look = async (): Promise<LookOutcome> => {
      if (!isUndecided(row)) return row.state.version > 0 ? revise(parts, { obra, row, facts }) : "unchanged";
      return touches.some((touch) => isBehind(touch, obra, { facts, nowUs })) ? "waiting" : decide(parts, { obra, row, selected, nowUs });
    };
    const outcome = await look();
    outcomes.push(outcome);
    for (const touch of touches) await (outcome !== "waiting" && isTold(touch, obra, facts) ? parts.touches.done(touch) : parts.touches.later(touch, nowUs));
  }
  return outcomes;
}

/** Words of the slots that are looked at: those that are due, and those that are not, since they may tell that the tier is behind. Read after the facts, so that they know of no less. */
async function allTouches(touches: Touches, { work, feeds }: Obra, wanted: readonly Wanted[]): Promise<(slotUs: number) => readonly StoredTouch[]> {
  const known = new Map(wanted.flatMap((each) => each.touches).map((touch) => [touch.id, touch]));
  for (const touch of await touches.of(work, wanted.map(({ row }) => row.slotUs), new Set(feeds.map(({ point }) => point)))) known.set(touch.id, touch);
  const bySlot = Map.groupBy(known.values(), ({ body }) => body.slotUs);
  return (slotUs) => bySlot.get(slotUs) ?? [];
}

function spansOf(obra: Obra, row: SlotRow): Span[] {
  const { slotUs, taken } = row;
  if (!isUndecided(row)) return [windowOf(obra, slotUs), ...taken.map(({ instantUs }) => ({ fromUs: instantUs, toUs: instantUs }))];
  return [...earlierSlots(obra, slotUs, STUCK_SLOTS - 1), slotUs].map((each) => windowOf(obra, each));
}

/** True when the tier has not got yet what is known to have been measured: what stands there may be old, and what is sent cannot be taken back. After an hour what stands there counts. */
function isBehind(touch: StoredTouch, obra: Obra, { facts, nowUs }: { readonly facts: FactWindows; readonly nowUs: number }): boolean {
  return nowUs - touch.body.sinceUs < PATIENCE_US && !isTold(touch, obra, facts);
}

/** True when the tier holds what the touch is about, or something that stands above it. */
function isTold({ body: { point, slotUs, knownAtUs } }: StoredTouch, obra: Obra, facts: FactWindows): boolean {
  const feeds = obra.feeds.filter((feed) => feed.point === point);
  return feeds.length === 0 || feeds.some((feed) => facts.within(feed, windowOf(obra, slotUs)).some((fact) => fact.knownAtUs >= knownAtUs || fact.authority > 0));
}

interface Deciding {
  readonly obra: Obra;
  readonly row: SlotRow;
  readonly selected: (slotUs: number) => Selection;
  readonly nowUs: number;
}

async function decide(parts: LookParts, { obra, row, selected, nowUs }: Deciding): Promise<LookOutcome> {
  const { work, slotUs } = row;
  if (!(await isStillOwed(parts, obra, slotUs))) return written(parts, { obra, row, outcome: "not-owed" }, { kind: "written-off", slotUs, reason: "not owed any more: the schedule, first instant or end of the work was changed" });
  const regulator = parts.regulators.get(obra.regulator);
  if (regulator === undefined) throw new RangeError(`${obra.regulator} is no regulator of ours`);
  const selection = selected(slotUs);
  const earlier = earlierSlots(obra, slotUs, STUCK_SLOTS - 1).map(selected);
  const confirmed = row.standing === "expected" && row.seq > 0 ? confirmedOf(await parts.ledger.entriesOf(work, slotUs)) : undefined;
  const look = lookAt({ obra, selection, earlier, regulator, nowUs, confirmed });
  switch (look.kind) {
    case "wait":
      return "waiting";
    case "no-data":
      // What was held once and has lost its data stays with whoever looks at it.
      await parts.slots.note(work, slotUs, { reasons: ["no-data"], lookedAtUs: nowUs });
      return "no-data";
    case "hold": {
      const { reasons, taken } = look;
      if (row.standing === "held" && sameTaken(row.taken, taken) && row.reasons.join() === reasons.join()) {
        await parts.slots.note(work, slotUs, { lookedAtUs: nowUs });
        return "as-held";
      }
      return written(parts, { obra, row, outcome: "held" }, { kind: "held", slotUs, reasons, taken });
    }
    case "freeze": {
      const { payload: { path, headers, body }, taken } = look;
      return written(parts, { obra, row, outcome: "frozen" }, { kind: "frozen", slotUs, version: row.state.version + 1, path, headers, payload: body, sha256: sha256Hex(body), taken });
    }
  }
}

/** The entry, unless the slot is not what its row said any more: then the row is brought to what the ledger holds, and a later look decides. */
async function written(parts: LookParts, { obra, row, outcome }: { readonly obra: Obra; readonly row: SlotRow; readonly outcome: LookOutcome }, body: EntryBody): Promise<LookOutcome> {
  const entry = await parts.slots.append(obra, row.slotUs, {
    by: BY,
    decide: (state) => (isUndecided({ standing: state.standing, state }) && state.standing === row.standing && state.version === row.state.version ? body : undefined),
  });
  if (entry !== undefined) return outcome;
  await parts.slots.catchUp(obra);
  return "overtaken";
}

async function isStillOwed({ obras }: LookParts, obra: Obra, slotUs: number): Promise<boolean> {
  if (isOwed(obra, slotUs)) return true;
  if (slotUs < obra.submitFromUs || slotUs >= (obra.endsUs ?? Infinity)) return false;
  const then = await obras.inForce(obra.work, slotUs);
  return then !== undefined && isOwed(then, slotUs);
}

/** Tells what is otherwise since the slot was frozen; each revision once, whoever else looks. */
async function revise({ slots, ledger, logger, metrics }: LookParts, { obra, row, facts }: { readonly obra: Obra; readonly row: SlotRow; readonly facts: FactWindows }): Promise<LookOutcome> {
  const { work, slotUs } = row;
  let told = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const entries = await ledger.entriesOf(work, slotUs);
    const [taken] = lateRevisions(obra, slotUs, facts, entries);
    if (taken === undefined) return told > 0 ? "revised" : "unchanged";
    const known = entries.filter(({ body }) => body.kind === "late-revision").length;
    const entry = await slots.append(obra, slotUs, { by: BY, decide: (state) => (state.lateRevisions === known ? { kind: "late-revision", slotUs, taken } : undefined) });
    if (entry === undefined) continue;
    told += 1;
    tries = -1;
    metrics.counter("caudal_slot_alerts_total").inc({ kind: "late-revision" });
    logger.warn("slot.late-revision", { work, slotUs, standing: row.standing, point: taken.point, variable: taken.variable, value: taken.value, minutesAfter: Math.round((taken.knownAtUs - slotUs) / MINUTE_US) });
  }
  // Others write revisions of this slot all the time; the touch brings it back.
  return "waiting";
}
