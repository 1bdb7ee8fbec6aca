import { CaudalError } from "@caudal/core";
import type { Obra } from "../obras/obra.ts";
import { bounded } from "./bounded.ts";
import { LateFailures } from "./late-failures.ts";
import { lookAt, type WorkLook } from "./look.ts";
import type { SubmitterParts } from "./options.ts";
import type { SendBreaker } from "./send-breaker.ts";
import { sendNext, type Sent } from "./send.ts";
import { inTurns } from "./turns.ts";
import type { WorkTimes } from "./work-times.ts";

/** What a round found and did. */
export interface SubmitRound {
  /** False: the switch is off, or was thrown in the middle. */
  readonly sending: boolean;
  readonly works: number;
  /** Slots that wait, of live works. */
  readonly waiting: number;
  readonly sent: Readonly<Partial<Record<Sent, number>>>;
  /** What would have been sent by now of works that are only shadowed. */
  readonly shadow: readonly { readonly work: string; readonly slotUs: number }[];
  readonly stopped: readonly string[];
  /** Live works without a password, and live works whose regulator has no address. */
  readonly withoutCredentials: readonly string[];
  readonly withoutAddress: readonly string[];
  /** Entries that a crash had left unwritten, slots that became failures to declare. */
  readonly repaired: number;
  readonly lateFailures: number;
  /** Works that could not be looked at or sent for; the next round tries again. */
  readonly failed: readonly { readonly work: string; readonly message: string }[];
}

interface Noted {
  readonly look: WorkLook;
  readonly againAtMs: number;
}

/** A work's pacing is known this long ahead at most: a clock may be set meanwhile. */
const LONGEST_REST_MS = 60_000;
const MAX_LISTED = 1000;

/** What of all works waits, and who sends when. */
export class Rounds {
  readonly #parts: SubmitterParts;
  readonly #times: WorkTimes;
  readonly #breaker: (regulator: string) => SendBreaker;
  readonly #lateFailures: LateFailures;
  readonly #noted = new Map<string, Noted>();
  readonly #lateAtMs = new Map<string, number>();
  readonly #shadowed = new Map<string, number>();

  constructor(parts: SubmitterParts, times: WorkTimes, breaker: (regulator: string) => SendBreaker) {
    this.#parts = parts;
    this.#times = times;
    this.#breaker = breaker;
    this.#lateFailures = new LateFailures(parts);
  }

  /** One round over all works, or over one, which is then looked at whatever was known of it. */
  async run({ work }: { readonly work?: string | undefined } = {}): Promise<SubmitRound> {
    const { obras, sendSwitch, pace, clock } = this.#parts;
    const sending = { is: (await sendSwitch.get()).on };
    const all = await obras.all();
    const wanted = all.filter((obra) => obra.mode !== "off" && obra.submitFromUs <= clock.nowUs() && (work === undefined || obra.work === work));
    const tally = new Tally();
    if (work === undefined) this.#forgetOthers(new Set(wanted.map((obra) => obra.work)));
    else this.#noted.delete(work);
    await bounded(wanted, pace.looks, (obra) => this.#guarded(obra.work, tally, () => this.#lookAgain(obra, tally)));
    const looks = wanted.flatMap((obra) => this.#noted.get(obra.work)?.look ?? []);
    for (const look of looks) this.#tell(look, tally);
    const centres = Map.groupBy(looks.filter((look) => look.obra.mode === "live" && look.regulator.sends !== false && this.#isDue(look)), ({ obra }) => obra.centreRut);
    if (sending.is) await bounded(centres.values(), pace.centres, (centre) => this.#centre(centre, tally, sending));
    if (work === undefined) this.#measure(looks);
    return tally.round(sending.is, wanted.length);
  }

  async #lookAgain(obra: Obra, tally: Tally): Promise<void> {
    const { pace, clock, slots, regulators } = this.#parts;
    const nowMs = clock.monotonicMs();
    const noted = this.#noted.get(obra.work);
    const regulator = regulators.get(obra.regulator);
    if (regulator === undefined) throw new CaudalError("setting", `there is no regulator ${obra.regulator}`);
    if (nowMs >= (this.#lateAtMs.get(obra.work) ?? -Infinity)) {
      tally.repaired += await slots.catchUp(obra);
      if (obra.mode === "live") tally.lateFailures += await this.#lateFailures.note(obra);
      this.#lateAtMs.set(obra.work, nowMs + pace.lateCheckMs);
    }
    // A changed work is another one: its mode, its centre, its password.
    if (noted?.look.obra.version === obra.version && nowMs < noted.againAtMs) return;
    const look = await lookAt(this.#parts, this.#times, obra, regulator);
    tally.repaired += look.repaired;
    this.#note(look);
  }

  #note(look: WorkLook): void {
    const { pace, clock } = this.#parts;
    const restMs = look.next === undefined || look.next.dueUs <= clock.nowUs() ? pace.lookAgainMs : Math.min(LONGEST_REST_MS, (look.next.dueUs - clock.nowUs()) / 1000);
    this.#noted.set(look.obra.work, { look, againAtMs: clock.monotonicMs() + restMs });
  }

  #isDue({ next }: WorkLook): boolean {
    return next !== undefined && next.dueUs <= this.#parts.clock.nowUs();
  }

  /** Sends for the works of one control centre, one after the other. */
  async #centre(looks: readonly WorkLook[], tally: Tally, sending: { is: boolean }): Promise<void> {
    const { pace, clock, sleep, stopping, sendSwitch, leases } = this.#parts;
    const centreRut = looks[0]!.obra.centreRut;
    let isOurs = false;
    await this.#guarded(`centre ${centreRut}`, tally, async () => void (isOurs = await leases.take(centreRut)));
    if (!isOurs) return;
    const endMs = clock.monotonicMs() + pace.roundMs;
    const turns = inTurns(looks.map((look) => ({ look, work: look.obra.work, slotUs: look.next!.slotUs, isFresh: look.isFresh, lastSendUs: look.lastSendUs })));
    for (const { look, slotUs } of turns) {
      if (stopping.aborted || clock.monotonicMs() >= endMs || !sending.is) return;
      if (!(await sendSwitch.get()).on) sending.is = false;
      if (!sending.is) return;
      const pass = this.#breaker(look.obra.regulator).pass();
      if (pass === undefined) continue;
      let sent: Sent | undefined;
      await this.#guarded(look.obra.work, tally, async () => {
        if (!(await this.#isAsLooked(look))) return;
        sent = await sendNext(this.#parts, this.#times, look, { slotUs, pass });
        tally.count(sent, look.obra.work);
      }).finally(() => pass.release());
      this.#afterTurn(look, sent);
      const isOnTheWire = sent !== undefined && sent !== "declined" && sent !== "no-credentials";
      if (isOnTheWire && pace.pauseMs > 0) await sleep(pace.pauseMs, stopping).catch(() => undefined);
    }
  }

  /** Its mode may have been changed since it was looked at. */
  async #isAsLooked({ obra }: WorkLook): Promise<boolean> {
    const now = (await this.#parts.obras.all()).find(({ work }) => work === obra.work);
    return now?.version === obra.version;
  }

  #afterTurn(look: WorkLook, sent: Sent | undefined): void {
    const { pace, clock } = this.#parts;
    const noted = this.#noted.get(look.obra.work);
    if (noted === undefined) return;
    // With others waiting the work rests; what it does then is looked up when it may send again.
    const restMs = sent === "no-credentials" || sent === undefined ? pace.lookAgainMs : 0;
    this.#noted.set(look.obra.work, { look: { ...noted.look, next: undefined }, againAtMs: clock.monotonicMs() + restMs });
  }

  #tell({ obra, regulator, next, stopped, waiting }: WorkLook, tally: Tally): void {
    const { logger, clock } = this.#parts;
    if (stopped !== undefined && obra.mode === "live") tally.stopped.push(obra.work);
    if (obra.mode === "live") tally.waiting += waiting.length;
    if (obra.mode === "live" && regulator.sends === false) tally.withoutAddress.push(obra.work);
    if (obra.mode !== "shadow" || next === undefined || next.dueUs > clock.nowUs()) return;
    tally.shadow.push({ work: obra.work, slotUs: next.slotUs });
    if (this.#shadowed.get(obra.work) === next.slotUs) return;
    this.#shadowed.set(obra.work, next.slotUs);
    logger.info("submission.would-send", { work: obra.work, slotUs: next.slotUs, waiting: waiting.length });
  }

  #measure(looks: readonly WorkLook[]): void {
    const { metrics, clock, regulators } = this.#parts;
    const live = looks.filter(({ obra }) => obra.mode === "live");
    for (const regulator of regulators.keys()) {
      const mine = live.filter(({ obra }) => obra.regulator === regulator);
      const oldestUs = mine.reduce((oldest, look) => Math.min(oldest, look.oldestUs ?? Infinity), Infinity);
      metrics.gauge("caudal_submission_waiting").set({ regulator }, mine.reduce((sum, { waiting }) => sum + waiting.length, 0));
      metrics.gauge("caudal_submission_oldest_waiting_seconds").set({ regulator }, oldestUs === Infinity ? 0 : Math.max(0, (clock.nowUs() - oldestUs) / 1e6));
      metrics.gauge("caudal_submission_works_stopped").set({ regulator }, mine.filter(({ stopped }) => stopped !== undefined).length);
    }
  }

  #forgetOthers(works: ReadonlySet<string>): void {
    for (const known of [this.#noted, this.#lateAtMs, this.#shadowed]) for (const work of known.keys()) if (!works.has(work)) known.delete(work);
  }

  /** One work's failure is no other's. */
  async #guarded(work: string, tally: Tally, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#parts.logger.error("submission.work-failed", { work, error });
      this.#noted.delete(work);
      if (tally.failed.length < MAX_LISTED) tally.failed.push({ work, message });
    }
  }
}

class Tally {
  waiting = 0;
  repaired = 0;
  lateFailures = 0;
  readonly sent: Partial<Record<Sent, number>> = {};
  readonly shadow: { work: string; slotUs: number }[] = [];
  readonly stopped: string[] = [];
  readonly withoutCredentials: string[] = [];
  readonly withoutAddress: string[] = [];
  readonly failed: { work: string; message: string }[] = [];

  count(sent: Sent, work: string): void {
    if (sent === "no-credentials") this.withoutCredentials.push(work);
    else this.sent[sent] = (this.sent[sent] ?? 0) + 1;
  }

  round(sending: boolean, works: number): SubmitRound {
    const { waiting, repaired, lateFailures, sent, shadow, stopped, withoutCredentials, withoutAddress, failed } = this;
    return { sending, works, waiting, repaired, lateFailures, sent, shadow, stopped, withoutCredentials, withoutAddress, failed };
  }
}
