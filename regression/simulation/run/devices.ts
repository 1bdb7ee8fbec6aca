import { EventEmitter } from "node:events";
import { CaudalError } from "@caudal/core";
import { localPrincipal, type ApiRequest } from "@caudal/runtime";
import { createFleet, payloadOf, waitsFor, type Fleet, type FleetMessage } from "../../../simulator/index.ts";
import { Random } from "../time/random.ts";
import { running } from "../time/virtual-time.ts";
import type { World } from "../world/world.ts";
import type { Processes } from "./fleet.ts";
import type { RunPlan } from "./plan.ts";

export const CLIENT = "simulation";

/** A message with what its sender knows of it. */
export interface SentMessage {
  readonly message: FleetMessage;
  outcome: "acknowledged" | "refused" | "unknown";
  attempts: number;
  sentAtUs: number;
  settledAtUs: number | null;
}

const TIMEOUT_MS = 4000;
/** A repetition or correction is not sent while an earlier try of what it is about may still be under way. */
const QUIET_MS = 12_000;

/** The devices of a run: each sends its messages in their order, again until they are acknowledged. */
export class Devices {
  readonly fleet: Fleet;
  readonly sent: SentMessage[] = [];
  readonly #world: World;
  readonly #processes: Processes;
  readonly #random: Random;
  readonly #plan: RunPlan;
  #left = 0;

  constructor(world: World, processes: Processes, plan: RunPlan, endUs: number) {
    this.#world = world;
    this.#processes = processes;
    this.#plan = plan;
    this.#random = new Random(`${plan.seed}/devices`);
    this.fleet = createFleet({ seed: plan.seed, devices: plan.devices, intervalS: plan.intervalS, client: CLIENT, startUs: endUs - plan.steps * plan.intervalS * 1_000_000, endUs });
  }

  get done(): boolean {
    return this.#left === 0;
  }

  start(): void {
    const byDevice = new Map<string, SentMessage[]>();
    for (const message of this.fleet.messages()) {
      const one: SentMessage = { message, outcome: "unknown", attempts: 0, sentAtUs: 0, settledAtUs: null };
      this.sent.push(one);
      byDevice.set(message.device, [...(byDevice.get(message.device) ?? []), one]);
    }
    for (const own of byDevice.values()) {
      this.#left += 1;
      void running.run(undefined, () => this.#sendAll(own)).finally(() => (this.#left -= 1));
    }
  }

  async #sendAll(own: readonly SentMessage[]): Promise<void> {
    const paceMs = this.#plan.troubleMs / (own.length + 1);
    const bySeq = new Map(own.map((one) => [one.message.seq, one]));
    for (let at = 0; at < own.length;) {
      await pause(this.#random.between(0, 2 * paceMs));
      const first = own[at] as SentMessage;
      const about = bySeq.get(waitsFor(first.message) ?? -1);
      if (about !== undefined && about.attempts > 1) await pause(QUIET_MS);
      // Rows of one request go in their order; what is about an earlier row goes alone.
      const batch = [first];
      while (batch.length < this.#plan.batch && about === undefined && first.message.raw === undefined) {
        const next = own[at + batch.length];
        if (next === undefined || waitsFor(next.message) !== undefined || next.message.raw !== undefined) break;
        batch.push(next);
      }
      await this.#settle(batch);
      at += batch.length;
    }
  }

  async #settle(batch: readonly SentMessage[]): Promise<void> {
    for (const one of batch) one.sentAtUs = Date.now() * 1000;
    const body = batch.map(({ message }) => payloadOf(message, { device: true })).join("\n");
    for (;;) {
      for (const one of batch) one.attempts += 1;
      const outcome = await this.#post(body);
      if (outcome !== "unknown") {
        for (const one of batch) Object.assign(one, { outcome, settledAtUs: Date.now() * 1000 });
        return;
      }
      await pause(this.#random.between(50, 1000));
    }
  }

  /** One request: what its device learns of it. The network loses requests and answers as stores do. */
  #post(body: string): Promise<SentMessage["outcome"]> {
    return new Promise((resolve) => {
      const answer = (outcome: SentMessage["outcome"], ms: number): void => running.run(undefined, () => void setTimeout(() => resolve(outcome), ms));
      const up = this.#processes.intake();
      if (up === undefined || (this.#world.troubled && this.#random.chance(0.02))) return answer("unknown", 20);
      setTimeout(() => resolve("unknown"), TIMEOUT_MS);
      const { process, operation } = up;
      const response = new EventEmitter();
      const request = requestOf(body, response, this.#random);
      void process.run(async () => {
        const outcome = await Promise.resolve(operation.handle(request)).then((reply) => ("status" in reply && reply.status === 202 ? "acknowledged" as const : "unknown" as const), (error: unknown) => this.#outcomeOf(error));
        if (process.alive && !(this.#world.troubled && this.#random.chance(0.02))) {
          answer(outcome, this.#random.between(0.5, 20));
          response.emit("finish");
        }
      });
    });
  }

  #outcomeOf(error: unknown): SentMessage["outcome"] {
    if (isRefusal(error)) return "refused";
    if (!(error instanceof CaudalError)) this.#processes.failures.push(`the collector failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return "unknown";
  }
}

/** HTTP's answer to what the operation throws: 4xx is for ever, anything else is sent again. */
function isRefusal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return typeof status === "number" && status >= 400 && status < 500;
}

function requestOf(body: string, response: EventEmitter, random: Random): ApiRequest {
  const hex = random.bytes(24).toString("hex");
  return {
    principal: localPrincipal, scope: localPrincipal.scope, params: undefined, query: { client: CLIENT }, body: undefined, raw: Buffer.from(body), language: "en",
    headers: { "content-type": "application/x-ndjson", traceparent: `00-${hex.slice(0, 32)}-${hex.slice(32)}-01` }, signal: new AbortController().signal,
    receivedAtUs: Date.now() * 1000, express: { req: undefined as never, res: response as never },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
