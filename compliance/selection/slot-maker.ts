import { systemScope, type DocumentCollection, type Documents, type Page, type StoredDocument } from "@caudal/core";
import type { Obra } from "../obras/obra.ts";
import { slotInstants } from "../slots/schedule.ts";
import { scheduleOf, type SlotBook } from "../slots/slot-book.ts";
import { longestApartUs } from "./earlier-slots.ts";

const DAY_US = 86_400_000_000;
/** Slots are there so long before their instant, and the next one of a slow standard is always there. */
const AHEAD_US = 3 * DAY_US;
/** A new work's slots of now come first, then those of the past. */
const FIRST_BACK_US = DAY_US;
/** Slots of one work that are made in one go. */
const CHUNK = 500;

/** How far a work's slots are made, without a hole: fromUs <= instant < untilUs. Document `work` of the tenant collection `slot_horizons`. */
interface Horizon {
  readonly client: string;
  readonly work: string;
  /** What the schedule was; another one is made anew from when it holds. */
  readonly schedule: string;
  readonly fromUs: number;
  readonly untilUs: number;
}

const horizonCollection = { name: "slot_horizons", tenant: true } as const;

/** Makes the slots of all works ahead of their instants, a bounded number at a time, and those of the past from the work's first instant on. */
export class SlotMaker {
  readonly #horizons: DocumentCollection<Horizon>;
  readonly #slots: Pick<SlotBook, "ensure">;
  #known: Map<string, Horizon> | undefined;
  /** Where the next round begins, so that no work waits behind the others for ever. */
  #turn = 0;

  private constructor(horizons: DocumentCollection<Horizon>, slots: Pick<SlotBook, "ensure">) {
    this.#horizons = horizons;
    this.#slots = slots;
  }

  static async open(documents: Documents, slots: Pick<SlotBook, "ensure">): Promise<SlotMaker> {
    return new SlotMaker(await documents.collection<Horizon>(horizonCollection), slots);
  }

  /** Makes up to about `most` slots: of every work those ahead first. `isWhole` when nothing more is to be made now. */
  async make(obras: readonly Obra[], nowUs: number, most: number): Promise<{ readonly made: number; readonly isWhole: boolean }> {
    const known = (this.#known ??= await this.#load());
    // A work that went, and comes back once its client was erased, has no slots any more.
    const works = new Set(obras.map(({ work }) => work));
    for (const work of known.keys()) if (!works.has(work)) known.delete(work);
    const changed = new Map<string, Horizon>();
    let [asked, made, isWhole] = [0, 0, true];
    const step = async (obra: Obra, next: (horizon: Horizon) => Step | undefined): Promise<void> => {
      for (let horizon = horizonOf(obra, known.get(obra.work), nowUs); ; ) {
        const found = next(horizon);
        if (found === undefined) return;
        if (asked >= most) return void (isWhole = false);
        made += await this.#slots.ensure(obra, found.span);
        asked += found.count;
        horizon = found.horizon;
        known.set(obra.work, horizon);
        changed.set(obra.work, horizon);
      }
    };
    const turn = obras.length === 0 ? 0 : this.#turn++ % obras.length;
    const ordered = [...obras.slice(turn), ...obras.slice(0, turn)];
    try {
      for (const obra of ordered) await step(obra, (horizon) => forward(obra, horizon, nowUs));
      for (const obra of ordered) await step(obra, (horizon) => backward(obra, horizon));
    } finally {
      if (changed.size > 0) await this.#horizons.putMany(systemScope, Array.from(changed, ([id, body]) => ({ id, body })));
    }
    return { made, isWhole };
  }

  async #load(): Promise<Map<string, Horizon>> {
    const known = new Map<string, Horizon>();
    let page: Page<StoredDocument<Horizon>> | undefined;
    do {
      page = await this.#horizons.find(systemScope, { limit: 1000, ...(page?.next === undefined ? {} : { cursor: page.next }) });
      for (const { id, body } of page.items) known.set(id, body);
    } while (page.next !== undefined);
    return known;
  }
}

interface Step {
  readonly span: { readonly fromUs: number; readonly toUs: number };
  readonly count: number;
  readonly horizon: Horizon;
}

function horizonOf(obra: Obra, known: Horizon | undefined, nowUs: number): Horizon {
  const { client, work, submitFromUs } = obra;
  const schedule = JSON.stringify(scheduleOf(obra));
  if (known === undefined) {
    const fromUs = Math.max(submitFromUs, Math.min(nowUs - FIRST_BACK_US, (obra.endsUs ?? Infinity) - FIRST_BACK_US));
    return { client, work, schedule, fromUs, untilUs: fromUs };
  }
  // Slots from before the change were owed by the schedule of before.
  return known.schedule === schedule ? known : { ...known, schedule, untilUs: Math.max(known.fromUs, Math.min(known.untilUs, obra.changedAtUs)) };
}

function forward(obra: Obra, horizon: Horizon, nowUs: number): Step | undefined {
  const aheadUs = Math.max(AHEAD_US, longestApartUs(scheduleOf(obra)) + DAY_US);
  const endUs = Math.min(nowUs + aheadUs, obra.endsUs ?? Infinity);
  // Once a day, not a slot at a time.
  if (horizon.untilUs >= Math.min(endUs, nowUs + aheadUs - DAY_US)) return undefined;
  const span = firstOf(obra, horizon.untilUs, endUs);
  return { ...span, horizon: { ...horizon, untilUs: span.span.toUs } };
}

function backward(obra: Obra, horizon: Horizon): Step | undefined {
  if (horizon.fromUs <= obra.submitFromUs) return undefined;
  const fromUs = Math.max(obra.submitFromUs, horizon.fromUs - CHUNK * longestApartUs(scheduleOf(obra)));
  return { span: { fromUs, toUs: horizon.fromUs }, count: CHUNK, horizon: { ...horizon, fromUs } };
}

/** The first slots of a span, and where they end. */
function firstOf(obra: Obra, fromUs: number, toUs: number): Pick<Step, "span" | "count"> {
  let count = 0;
  for (const instant of slotInstants(scheduleOf(obra), { fromUs, toUs })) {
    if (count === CHUNK) return { span: { fromUs, toUs: instant }, count };
    count++;
  }
  return { span: { fromUs, toUs }, count };
}
