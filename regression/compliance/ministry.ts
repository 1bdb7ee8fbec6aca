import { outcomeOf } from "../../compliance/regulators/dga/answer.ts";
import { freeze } from "../../compliance/regulators/dga/payload.ts";
import { getOf, postOf } from "../../compliance/regulators/dga/request.ts";
import { verificationOf } from "../../compliance/regulators/dga/verification.ts";
import type { Regulator } from "../../compliance/regulators/regulator.ts";
import { sendResult } from "../../compliance/regulators/send-result.ts";
import type { Exchanged, WireRequest } from "../../compliance/regulators/wire.ts";
import { Abuse } from "../../sandbox/regulators/abuse.ts";
import { dga } from "../../sandbox/regulators/dga/dga.ts";
import { Held } from "../../sandbox/regulators/held.ts";
import { Chance, type RegulatorWorld, type SandboxWork } from "../../sandbox/regulators/model.ts";
import { RegulatorSwitches, type RegulatorQuirkName } from "../../sandbox/regulators/quirks.ts";
import { running } from "../simulation/time/virtual-time.ts";
import { forever, type SimulatedProcess } from "../simulation/world/process.ts";

/** A request in the regulator's own books, in the order in which they came. */
export interface BookedRequest {
  readonly atMs: number;
  /** When its answer left, or whoever sent it was gone or waited no longer. */
  endMs: number;
  readonly method: string;
  readonly code: string;
  readonly instantMs: number | null;
  readonly centre: string | null;
  readonly outcome: string;
  readonly stored: boolean;
  readonly quirks: readonly RegulatorQuirkName[];
}

const SLOW_MS = 5000;
const WAY_MS = 30;

/** The sandbox's DGA without sockets, on the world's clock, which nobody sets. */
export class Ministry {
  readonly held = new Held();
  readonly booked: BookedRequest[] = [];
  readonly #world: RegulatorWorld;
  readonly #chance: Chance;
  readonly #nowMs: () => number;

  constructor({ seed, works, nowMs, always }: { readonly seed: string; readonly works: readonly SandboxWork[]; readonly nowMs: () => number; readonly always: Readonly<Partial<Record<RegulatorQuirkName, number>>> }) {
    this.#nowMs = nowMs;
    this.#world = {
      seed, held: this.held, abuse: new Abuse({ resends: 5, blockMs: 3_600_000 }), switches: new RegulatorSwitches({ dga: always }, nowMs()), works: new Map(works.map((work) => [work.code, work])), takesUnknown: false,
    };
    this.#chance = new Chance(this.#world);
  }

  show(quirk: RegulatorQuirkName, share: number): void {
    this.#world.switches.set("dga", quirk, { share, nowMs: this.#nowMs() });
  }

  /** As one process reaches it. What is on its way when the process ends arrives all the same. */
  regulator(process: SimulatedProcess): Regulator {
    return {
      name: "dga", answersDuplicates: true, freeze,
      send: async (payload, { credentials: { password }, nowUs, signal }) => sendResult(await this.#exchange(process, postOf(payload, { password, sentAtUs: nowUs() }), signal), outcomeOf, [password]),
      verify: async (payload, voucher, { signal }) => {
        const exchanged = await this.#exchange(process, getOf(payload, voucher), signal);
        return exchanged.kind === "answered" ? verificationOf(payload, exchanged.answer) : { kind: "unknown", message: exchanged.why };
      },
    };
  }

  #exchange(process: SimulatedProcess, request: WireRequest, signal: AbortSignal): Promise<Exchanged> {
    if (!process.alive) return forever();
    const beganMs = this.#nowMs();
    return new Promise((resolve) => {
      let booked: BookedRequest | undefined;
      const tookMs = (): number => this.#nowMs() - beganMs;
      let isOver = false;
      const end = (exchanged: Exchanged | undefined): void => {
        if (isOver) return;
        isOver = true;
        stopListening();
        signal.removeEventListener("abort", left);
        if (booked !== undefined && booked.endMs === Infinity) booked.endMs = this.#nowMs();
        if (exchanged !== undefined) resolve(exchanged);
      };
      const failed = (why: string): Extract<Exchanged, { kind: "failed" }> => ({ kind: "failed", why, status: null, body: "", mayHaveArrived: true, tookMs: tookMs() });
      const left = (): void => end(failed("aborted"));
      const stopListening = process.onEnd(() => end(undefined));
      signal.addEventListener("abort", left, { once: true });
      running.run(undefined, () => setTimeout(() => {
        const { reply, delivery = "whole", isSlow = false, line } = this.#answer(request);
        booked = line;
        this.booked.push(line);
        if (isOver) return;
        line.endMs = Infinity;
        if (delivery === "hang") return;
        const body = "json" in reply.body ? JSON.stringify(reply.body.json) : reply.body.text;
        const answer: Exchanged = delivery === "whole" ? { kind: "answered", answer: { status: reply.status, body }, tookMs: tookMs() } : delivery === "half-json" ? { ...failed("cut"), status: reply.status, body: body.slice(0, body.length >> 1) } : failed("reset");
        const slowMs = isSlow ? SLOW_MS : 0;
        setTimeout(() => void (line.endMs = Math.min(line.endMs, this.#nowMs())), slowMs);
        process.run(() => setTimeout(() => end(answer), WAY_MS + slowMs));
      }, WAY_MS));
    });
  }

  #answer({ method, path, headers, body }: WireRequest) {
    const url = new URL(path, "http://ministry.invalid");
    const nowMs = this.#nowMs();
    const quirks: RegulatorQuirkName[] = [];
    const { reply, delivery, isSlow, logged } = dga.answer({
      method, path: url.pathname, query: url.searchParams, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: body === undefined ? undefined : (JSON.parse(body) as unknown), nowMs, shows: this.#chance.of({ regulator: "dga", method, nowMs, shown: quirks }),
    }, this.#world);
    const line: BookedRequest = {
      atMs: nowMs, endMs: nowMs, method, code: logged.codigoObra ?? "", instantMs: logged.instantMs ?? null, centre: logged.centre ?? null, outcome: logged.outcome, stored: logged.stored ?? false, quirks,
    };
    return { reply, delivery, isSlow, line };
  }
}
