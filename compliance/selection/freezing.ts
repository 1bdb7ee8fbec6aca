import type { Documents, PartitionHandler } from "@caudal/core";
import type { Clock, Logger, Metrics } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { Ledger } from "../ledger/ledger.ts";
import type { Obra } from "../obras/obra.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Regulator } from "../regulators/regulator.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { isClosed } from "../slots/slot-state.ts";
import { bounded } from "../submission/bounded.ts";
import type { SlotSeries } from "./fact-windows.ts";
import { RowSweep } from "./row-sweep.ts";
import { SlotMaker } from "./slot-maker.ts";
import { touchHandler } from "./touch-handler.ts";
import { Touches, type StoredTouch } from "./touches.ts";
import { isUndecided, lookAtWork, type LookOutcome, type LookParts, type Wanted } from "./work-look.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;
/** Slots of so long ago are looked at in each round; all that is open when something is said of it, and some of it in each round anyway. */
const FRESH_US = 3 * HOUR_US;
const LOOK_AGAIN_US = 6 * HOUR_US;
const WORKS_AT_ONCE = 8;

export interface FreezingOptions {
  readonly documents: Documents;
  readonly obras: ObraBook;
  readonly slots: SlotBook;
  readonly ledger: Ledger;
  /** What slots take their values from: the warm tier, or see `seriesByAge`. */
  readonly series: SlotSeries;
  readonly regulators: ReadonlyMap<string, Pick<Regulator, "freeze">>;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pace?: Partial<FreezingPace>;
}

/** How much one round does at most. */
export interface FreezingPace {
  /** Slots made ahead, about. */
  readonly made: number;
  /** Rows read of the last hours that nothing was decided of, and of all that is open. */
  readonly fresh: number;
  readonly open: number;
  /** Words of slots that were touched. */
  readonly touches: number;
}

export const usualFreezingPace: FreezingPace = { made: 5000, fresh: 2000, open: 1000, touches: 1000 };

/** What a round did. */
export interface FreezeRound {
  readonly made: number;
  /** Slots that were looked at. */
  readonly looked: number;
  readonly frozen: number;
  readonly held: number;
  readonly noData: number;
  readonly waiting: number;
  readonly lateRevisions: number;
  readonly lateFailures: number;
  /** Works that could not be looked at; they are again in the next round. */
  readonly failed: number;
  /** False when a limit was met: another round at once finds more to do. */
  readonly isWhole: boolean;
}

export interface Freezing {
  /** One at a time: asked for while one runs, its result is theirs too. */
  round(): Promise<FreezeRound>;
  /** For `topics.measurements`, group `groups.compliance`. */
  readonly handler: PartitionHandler;
}

/** Makes slots ahead, and freezes or holds those that are due. Several may run on one store: the ledger lets one of them write. */
export async function createFreezing(options: FreezingOptions): Promise<Freezing> {
  const touches = await Touches.open(options.documents);
  const maker = await SlotMaker.open(options.documents, options.slots);
  const rounds = new Rounds({ ...options, touches }, maker, { ...usualFreezingPace, ...options.pace });
  let running: Promise<FreezeRound> | undefined;
  return {
    round: () => (running ??= rounds.round().finally(() => (running = undefined))),
    handler: touchHandler({ ...options, touches }),
  };
}

interface RoundParts extends FreezingOptions, Omit<LookParts, "obras"> {}

class Rounds {
  readonly #parts: RoundParts;
  readonly #maker: SlotMaker;
  readonly #pace: FreezingPace;
  readonly #fresh: RowSweep;
  readonly #open: RowSweep;

  constructor(parts: RoundParts, maker: SlotMaker, pace: FreezingPace) {
    const { slots, clock } = parts;
    this.#parts = parts;
    this.#maker = maker;
    this.#pace = pace;
    this.#fresh = new RowSweep(slots, () => ({ standing: "expected", fromUs: clock.nowUs() - FRESH_US, toUs: clock.nowUs() }));
    this.#open = new RowSweep(slots, () => ({ open: true, toUs: clock.nowUs() }));
  }

  async round(): Promise<FreezeRound> {
    const { obras, touches, clock, metrics, logger } = this.#parts;
    const nowUs = clock.nowUs();
    const all = new Map((await obras.all()).map((obra) => [obra.work, obra]));
    const made = await this.#maker.make([...all.values()], nowUs, this.#pace.made);
    metrics.counter("caudal_slots_made_total").inc({}, made.made);
    const fresh = await this.#fresh.next(this.#pace.fresh, (row) => isDue(row, all.get(row.work), nowUs));
    const open = await this.#open.next(this.#pace.open, (row) => isDue(row, all.get(row.work), nowUs) || isLateFailure(row, all.get(row.work), nowUs));
    const touched = await touches.due(nowUs, this.#pace.touches);
    const wanted = new Wishes(all);
    const overdue = open.rows.filter((row) => isDue(row, all.get(row.work), nowUs));
    for (const row of [...fresh.rows, ...overdue]) wanted.row(row);
    for (const touch of touched) await wanted.touch(touch, this.#parts);
    const outcomes = new Map<LookOutcome, number>();
    let failed = 0;
    await bounded(wanted.works(), WORKS_AT_ONCE, async ([obra, list]) => {
      try {
        for (const outcome of await lookAtWork(this.#parts, obra, list, nowUs)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      } catch (error) {
        failed += 1;
        metrics.counter("caudal_slot_looks_failed_total").inc({});
        logger.error("slots.look-failed", { work: obra.work, slots: list.length, error });
      }
    });
    const lateFailures = await this.#noteFailures(open.rows.filter((row) => isLateFailure(row, all.get(row.work), nowUs)));
    const count = (outcome: LookOutcome): number => outcomes.get(outcome) ?? 0;
    for (const outcome of ["frozen", "held", "no-data", "not-owed"] as const) metrics.counter("caudal_slots_settled_total").inc({ outcome }, count(outcome));
    return {
      made: made.made, looked: wanted.size, frozen: count("frozen"), held: count("held"), noData: count("no-data"), waiting: count("waiting"), lateRevisions: count("revised"), lateFailures, failed,
      isWhole: made.isWhole && fresh.isWhole && (open.isWhole || overdue.length === 0) && touched.length < this.#pace.touches,
    };
  }

  /** Once a slot: what was not accepted within the permitted delay must be declared. */
  async #noteFailures(rows: readonly SlotRow[]): Promise<number> {
    const { slots, metrics, logger } = this.#parts;
    let noted = 0;
    for (const { work, slotUs } of rows) {
      const now = await slots.row(work, slotUs);
      if (now === undefined || now.lateFailure || isClosed(now.state)) continue;
      await slots.note(work, slotUs, { lateFailure: true });
      metrics.counter("caudal_slot_alerts_total").inc({ kind: "late-failure" });
      logger.warn("slot.late-failure", { work, slotUs, standing: now.standing, reasons: now.reasons });
      noted += 1;
    }
    return noted;
  }
}

/** True of a slot that is to be looked at without anybody having said so: not yet, not for long, or not since its work was changed. */
function isDue(row: SlotRow, obra: Obra | undefined, nowUs: number): boolean {
  if (obra === undefined || !isUndecided(row) || nowUs < row.slotUs + obra.settleMinutes * MINUTE_US) return false;
  return row.lookedAtUs === null || row.lookedAtUs < obra.changedAtUs || nowUs - row.lookedAtUs >= LOOK_AGAIN_US;
}

/** True of a slot that nothing was frozen of, or that is held, once its permitted delay has passed; of those that are sent the submitter says so. */
function isLateFailure(row: SlotRow, obra: Obra | undefined, nowUs: number): boolean {
  return obra !== undefined && isUndecided(row) && !row.lateFailure && nowUs > row.slotUs + obra.permittedDelayDays * DAY_US;
}

/** What a round looks at, by work, each slot once. */
class Wishes {
  readonly #obras: ReadonlyMap<string, Obra>;
  readonly #byWork = new Map<string, Map<number, { row: SlotRow; touches: StoredTouch[] }>>();
  size = 0;

  constructor(obras: ReadonlyMap<string, Obra>) {
    this.#obras = obras;
  }

  row(row: SlotRow): void {
    if (this.#slots(row.work).has(row.slotUs)) return;
    this.#slots(row.work).set(row.slotUs, { row, touches: [] });
    this.size += 1;
  }

  /** A touch of a slot that is not there is let go of: once it is made it is looked at anyway. */
  async touch(touch: StoredTouch, { slots, touches }: Pick<RoundParts, "slots" | "touches">): Promise<void> {
    const { work, slotUs } = touch.body;
    const known = this.#slots(work);
    if (!known.has(slotUs)) {
      const row = this.#obras.has(work) ? await slots.row(work, slotUs) : undefined;
      if (row === undefined) return touches.done(touch);
      this.row(row);
    }
    known.get(slotUs)?.touches.push(touch);
  }

  *works(): Generator<readonly [Obra, readonly Wanted[]]> {
    for (const [work, slots] of this.#byWork) {
      const obra = this.#obras.get(work);
      if (obra !== undefined && slots.size > 0) yield [obra, [...slots.values()].sort((a, b) => a.row.slotUs - b.row.slotUs)];
    }
  }

  #slots(work: string): Map<number, { row: SlotRow; touches: StoredTouch[] }> {
    let slots = this.#byWork.get(work);
    if (slots === undefined) this.#byWork.set(work, (slots = new Map()));
    return slots;
  }
}
