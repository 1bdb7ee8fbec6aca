import type { PartitionHandler } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import { running } from "../simulation/time/virtual-time.ts";
import { forever, type SimulatedProcess } from "../simulation/world/process.ts";
import type { World } from "../simulation/world/world.ts";
import type { Ministry } from "./ministry.ts";
import { runNode } from "./node.ts";
import type { YearStores } from "./stores.ts";

export interface FleetParts {
  readonly world: World;
  readonly stores: YearStores;
  readonly ministry: Ministry;
  readonly codec: Codec;
  readonly rootKeyPem: string;
  /** What the clock of the processes' machine shows. */
  readonly nowUs: () => number;
  /** Of the clock that nobody sets. */
  readonly trueMs: () => number;
}

interface Node {
  readonly process: SimulatedProcess;
  handler: PartitionHandler | undefined;
}

const TAKES_MS = 60_000;

/** The processes of the service, one or two at once over one store: how they are started, held and ended, at named steps and anywhere else. */
export class Fleet {
  readonly endedAt = new Map<string, number>();
  /** Named steps in the order in which they were first reached. */
  readonly steps: string[] = [];
  readonly faults: string[] = [];
  readonly heldSpans: { readonly fromMs: number; readonly toMs: number }[] = [];
  readonly unleasedSpans: { readonly fromMs: number; toMs: number }[] = [];
  started = 0;
  /** Whoever reaches such a step next is ended there, or stands still there for a while. */
  armed: { readonly at: (step: string) => boolean; readonly heldMs?: number } | undefined;
  heldAtStep = 0;
  readonly #parts: FleetParts;
  readonly #known = new Set<string>();
  readonly #nodes = new Set<Node>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get alive(): number {
    return this.#nodes.size;
  }

  /** `isLeased`: see `NodeParts`. */
  start(isLeased = true): void {
    const { world, stores, ministry, codec, rootKeyPem, nowUs, trueMs } = this.#parts;
    const process = world.process(`node-${++this.started}`);
    const node: Node = { process, handler: undefined };
    this.#nodes.add(node);
    process.onEnd(() => this.#nodes.delete(node));
    if (!isLeased) {
      const span = { fromMs: trueMs(), toMs: Infinity };
      this.unleasedSpans.push(span);
      process.onEnd(() => void (span.toMs = trueMs()));
    }
    const fault = (error: unknown): void => void this.faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.run(() => void stores.open(process).then((documents) => runNode({
      documents, series: stores.series(process), regulator: ministry.regulator(process), codec, rootKeyPem, isLeased, faults: { reach: (name) => this.#reach(process, name) },
      clock: { nowUs, monotonicMs: () => performance.now() }, onHandler: (handler) => void (node.handler = handler), onFault: fault,
    })).catch(fault));
  }

  /** Ends the one that was started first. */
  end(): void {
    for (const { process } of this.#nodes) return process.end();
  }

  endAll(): void {
    for (const { process } of this.#nodes) process.end();
  }

  /** Lets the one that was started first stand still. */
  hold(ms: number): void {
    for (const { process } of this.#nodes) return this.#hold(process, ms);
  }

  /** True when one of them has taken the batch; false when it did not within a minute, or there is none. */
  handle(batch: Parameters<PartitionHandler["handle"]>[0]): Promise<boolean> {
    for (const { process, handler } of this.#nodes) {
      if (handler === undefined) continue;
      return new Promise((resolve) => {
        const answer = (isTaken: boolean) => () => running.run(undefined, () => resolve(isTaken));
        setTimeout(answer(false), TAKES_MS);
        process.run(() => void handler.handle(batch, {} as Parameters<PartitionHandler["handle"]>[1]).then(answer(true), answer(false)));
      });
    }
    return Promise.resolve(false);
  }

  #reach(process: SimulatedProcess, name: string): Promise<void> | void {
    if (!this.#known.has(name)) {
      this.#known.add(name);
      this.steps.push(name);
    }
    if (this.armed?.at(name) !== true) return undefined;
    const { heldMs } = this.armed;
    this.armed = undefined;
    if (heldMs !== undefined) {
      this.heldAtStep += 1;
      this.#hold(process, heldMs);
      return new Promise((resolve) => void setTimeout(resolve, 1));
    }
    this.endedAt.set(name, (this.endedAt.get(name) ?? 0) + 1);
    process.end();
    return forever();
  }

  #hold(process: SimulatedProcess, ms: number): void {
    const fromMs = this.#parts.trueMs();
    process.heldUntilMs = performance.now() + ms;
    this.heldSpans.push({ fromMs, toMs: fromMs + ms });
  }
}
