import { systemScope } from "@caudal/core";
import type { Obra } from "../obras/obra.ts";
import type { Regulator } from "../regulators/regulator.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import type { SubmitterParts } from "./options.ts";
import { rowsStanding } from "./waiting.ts";
import { verifySlot, type Verified } from "./verify-slot.ts";

/** What a round of verification asked, by what came of it. `left`: more waited than one round asks for. */
export interface VerifyRound {
  readonly sending: boolean;
  readonly asked: Readonly<Partial<Record<Verified, number>>>;
  readonly left: boolean;
  readonly failed: readonly { readonly work: string; readonly message: string }[];
}

const PAGE = 200;
/** So many GETs in a row without a usable answer end the round of that regulator. */
const SILENT_IN_A_ROW = 3;
const MAX_REMEMBERED = 10_000;

/** Asks for what is accepted and not verified, each once; where no usable answer came again later. */
export class Verifications {
  readonly #parts: SubmitterParts;
  readonly #againAtMs = new Map<string, number>();
  #startAt = "";

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
  }

  /** `work`: all that its regulator may be asked for of that work, also what was answered before. Nobody is asked while the switch is off. */
  async run({ work }: { readonly work?: string | undefined } = {}): Promise<VerifyRound> {
    const { obras, sendSwitch, regulators, pace, stopping } = this.#parts;
    const asked: Partial<Record<Verified, number>> = {};
    const failed: { work: string; message: string }[] = [];
    const silent = new Map<string, number>();
    if (!(await sendSwitch.get()).on) return { sending: false, asked, left: false, failed };
    let budget = pace.verifications;
    for (const obra of this.#inTurn((await obras.all()).filter((each) => each.mode !== "off" && (work === undefined || each.work === work)))) {
      const regulator = regulators.get(obra.regulator);
      if (regulator === undefined || regulator.verifies === false || regulator.sends === false || (silent.get(regulator.name) ?? 0) >= SILENT_IN_A_ROW) continue;
      try {
        for (const row of await this.#rows(obra, work !== undefined)) {
          if (stopping.aborted || budget === 0) {
            this.#startAt = obra.work;
            return { sending: true, asked, left: true, failed };
          }
          const found = await this.#ask(obra, regulator, row, work !== undefined);
          asked[found] = (asked[found] ?? 0) + 1;
          if (found === "nothing") continue;
          budget -= 1;
          silent.set(regulator.name, found === "unknown" ? (silent.get(regulator.name) ?? 0) + 1 : 0);
          if ((silent.get(regulator.name) ?? 0) >= SILENT_IN_A_ROW) break;
          if (pace.verifyPauseMs > 0) await this.#parts.sleep(pace.verifyPauseMs, stopping).catch(() => undefined);
        }
      } catch (error) {
        this.#parts.logger.error("submission.verification-failed", { work: obra.work, error });
        failed.push({ work: obra.work, message: error instanceof Error ? error.message : String(error) });
      }
    }
    return { sending: true, asked, left: false, failed };
  }

  async #ask(obra: Obra, regulator: Regulator, { slotUs }: SlotRow, again: boolean): Promise<Verified> {
    const { clock, pace } = this.#parts;
    const id = `${obra.work} ${slotUs}`;
    const found = await verifySlot(this.#parts, { obra, regulator, slotUs, again });
    if (found === "unknown" || found === "nothing") {
      if (this.#againAtMs.size >= MAX_REMEMBERED) this.#againAtMs.clear();
      this.#againAtMs.set(id, clock.monotonicMs() + pace.verifyAgainMs);
    } else this.#againAtMs.delete(id);
    return found;
  }

  /** What may be asked for now, newest first. What was never ours to freeze (imported) has nothing to be held against. */
  async #rows({ work }: Obra, again: boolean): Promise<readonly SlotRow[]> {
    const { slots, clock, pace } = this.#parts;
    const rows = again
      ? (await Promise.all((["accepted", "mismatch", "not-found"] as const).map((standing) => rowsStanding(slots, work, standing)))).flat()
      : (await slots.find(systemScope, { work, standing: "accepted", descending: true, limit: PAGE })).items;
    const [nowUs, nowMs] = [clock.nowUs(), clock.monotonicMs()];
    return rows.filter(({ slotUs, state }) => {
      if (state.version === 0) return false;
      if (again) return true;
      const ageMs = Math.abs(nowUs - (state.acceptedUs ?? 0)) / 1000;
      return ageMs >= pace.verifyAfterMs && nowMs >= (this.#againAtMs.get(`${work} ${slotUs}`) ?? -Infinity);
    });
  }

  /** Begins where the last round left off, so that no work is always the last. */
  #inTurn(obras: readonly Obra[]): readonly Obra[] {
    const at = obras.findIndex(({ work }) => work >= this.#startAt);
    this.#startAt = "";
    return at <= 0 ? obras : [...obras.slice(at), ...obras.slice(0, at)];
  }
}
