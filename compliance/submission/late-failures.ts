import { systemScope } from "@caudal/core";
import { isClosed } from "../slots/slot-state.ts";
import type { Obra } from "../obras/obra.ts";
import type { SubmitterParts } from "./options.ts";

const DAY_US = 86_400_000_000;
const PAGE = 500;
/** Everything is looked through again after so long: rows may have been made for a time that had been looked through. */
const WHOLE_MS = 86_400_000;

interface LookedThrough {
  readonly toUs: number;
  readonly wholeAtMs: number;
}

/** Notes once of each slot that was not accepted within the permitted delay that it has to be declared as a failure. It may be sent on all the same. */
export class LateFailures {
  readonly #parts: SubmitterParts;
  readonly #looked = new Map<string, LookedThrough>();

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
  }

  /** How many were noted now. */
  async note(obra: Obra): Promise<number> {
    const { slots, clock, logger, metrics } = this.#parts;
    const toUs = clock.nowUs() - obra.permittedDelayDays * DAY_US;
    const nowMs = clock.monotonicMs();
    const looked = this.#looked.get(obra.work);
    const isWhole = looked === undefined || nowMs - looked.wholeAtMs >= WHOLE_MS || toUs < looked.toUs;
    let noted = 0;
    let cursor: string | undefined;
    do {
      const page = await slots.find(systemScope, { work: obra.work, open: true, toUs, limit: PAGE, ...(isWhole ? {} : { fromUs: looked.toUs }), ...(cursor === undefined ? {} : { cursor }) });
      for (const { slotUs, state, lateFailure } of page.items) {
        if (lateFailure || isClosed(state)) continue;
        await slots.note(obra.work, slotUs, { lateFailure: true });
        noted += 1;
      }
      cursor = page.next;
    } while (cursor !== undefined);
    this.#looked.set(obra.work, { toUs, wholeAtMs: isWhole ? nowMs : looked.wholeAtMs });
    if (noted > 0) {
      metrics.counter("caudal_submission_alerts_total").inc({ regulator: obra.regulator, alert: "late-failure" }, noted);
      logger.error("submission.late-failures", { work: obra.work, slots: noted, permittedDelayDays: obra.permittedDelayDays });
    }
    return noted;
  }
}
