import type { Codec } from "@caudal/schemas";
import type { Operation } from "@caudal/runtime";
import { Random } from "../time/random.ts";
import { running } from "../time/virtual-time.ts";
import { SESSION_MS } from "../world/log-group.ts";
import { openPorts, type SimulatedPorts } from "../world/ports.ts";
import { forever, type SimulatedProcess } from "../world/process.ts";
import type { World } from "../world/world.ts";
import type { RunEvent, RunPlan } from "./plan.ts";
import { serviceNames, startServices, type ServiceName, type Services } from "./services.ts";

/** A port wrapper that breaks a promise on purpose, to show that the simulation sees it. */
export type Sabotage = (ports: SimulatedPorts, process: SimulatedProcess) => SimulatedPorts;

export interface ProcessesOptions {
  readonly world: World;
  readonly plan: RunPlan;
  readonly codec: Codec;
  readonly sabotage?: Sabotage | undefined;
}

interface Slot {
  readonly name: string;
  readonly services: readonly ServiceName[];
  process: SimulatedProcess | undefined;
  ports: SimulatedPorts | undefined;
  /** Undefined until they are started. */
  running: Services | undefined;
}

/** The processes of a run, and who starts them again. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #random: Random;
  readonly #slots: readonly Slot[];
  readonly #reached = new Map<string, number>();
  #kills = 0;
  /** Unexpected failures inside a process; a run must have none. */
  readonly failures: string[] = [];

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#random = new Random(`${options.plan.seed}/processes`);
    const slot = (name: string, services: readonly ServiceName[]): Slot => ({ name, services, process: undefined, ports: undefined, running: undefined });
    this.#slots = options.plan.layout === "one"
      ? [slot("caudal", serviceNames)]
      : [...serviceNames.map((name) => slot(name, [name])), slot("processor-2", ["processor"])];
  }

  /** How often each fault point was reached. */
  get reached(): ReadonlyMap<string, number> {
    return this.#reached;
  }

  get kills(): number {
    return this.#kills;
  }

  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#launch(slot)));
  }

  /** The way in, where its process is up. */
  intake(): { readonly process: SimulatedProcess; readonly operation: Operation } | undefined {
    for (const { process, running: services } of this.#slots) {
      if (process?.alive === true && services?.intake !== undefined) return { process, operation: services.intake };
    }
    return undefined;
  }

  /** Started services of a kind. */
  *services(): Generator<{ readonly process: SimulatedProcess; readonly services: Services }> {
    for (const { process, running: services } of this.#slots) if (process?.alive === true && services !== undefined) yield { process, services };
  }

  get allUp(): boolean {
    return this.#slots.every(({ process, running: services }) => process?.alive === true && services !== undefined && process.heldUntilMs <= performance.now());
  }

  /** Makes an event of the plan happen. */
  happen(event: RunEvent): void {
    const { world } = this.#options;
    const slot = this.#random.pick(this.#slots);
    switch (event.kind) {
      case "away":
        world.goAway(event.store);
        setTimeout(() => world.comeBack(event.store), event.forMs);
        return;
      case "store-crash":
        // A store of an embedded installation is its process.
        if (this.#options.plan.layout === "one") this.#powerCut();
        else world.crash([event.store]);
        return;
      case "power-cut":
        this.#powerCut();
        return;
      case "kill":
        this.#kill(slot, "a signal");
        return;
      case "restart":
        void this.#restart(slot);
        return;
      case "hold":
        this.#hold(slot, event.forMs);
        return;
      case "expire":
        world.tell(`${slot.name} counts as silent`);
        slot.ports?.log.expire();
    }
  }

  end(): void {
    for (const { process } of this.#slots) process?.end();
  }

  #powerCut(): void {
    const { world } = this.#options;
    for (const slot of this.#slots) this.#kill(slot, "a power cut");
    world.crash();
  }

  #kill(slot: Slot, why: string): void {
    if (slot.process?.alive !== true) return;
    this.#options.world.tell(`${slot.name} ends at ${why}`);
    this.#kills += 1;
    slot.process.end();
    slot.running = undefined;
    // In one process, what the disk had not synced may be lost with it or not: a kill alone loses nothing that was written.
    this.#again(slot);
  }

  #again(slot: Slot): void {
    running.run(undefined, () => setTimeout(() => void this.#launch(slot), this.#options.world.troubled ? this.#random.between(100, 4000) : 100));
  }

  #hold(slot: Slot, forMs: number): void {
    const { process } = slot;
    if (process?.alive !== true) return;
    this.#options.world.tell(`${slot.name} is held for ${forMs} ms`);
    process.heldUntilMs = performance.now() + forMs;
    if (forMs > SESSION_MS) setTimeout(() => slot.process === process && slot.ports?.log.expire(), SESSION_MS);
  }

  /** As an operator does it: drained, then started anew. */
  async #restart(slot: Slot): Promise<void> {
    const { process, running: services } = slot;
    if (process?.alive !== true || services === undefined) return;
    this.#options.world.tell(`${slot.name} is stopped`);
    slot.running = undefined;
    await process.run(async () => {
      for (const component of services.components.toReversed()) await Promise.race([component.stop(4000), new Promise((resolve) => setTimeout(resolve, 5000))]);
      await Promise.race([slot.ports?.log.close(), new Promise((resolve) => setTimeout(resolve, 5000))]);
    }).catch((error: unknown) => this.#options.world.tell(`${slot.name} stopped badly: ${String(error)}`));
    if (slot.process !== process || !process.alive) return;
    process.end();
    this.#again(slot);
  }

  async #launch(slot: Slot): Promise<void> {
    const { world, codec, plan, sabotage } = this.#options;
    const process = world.process(slot.name);
    const ports = process.run(() => openPorts(world, process));
    slot.process = process;
    slot.ports = ports;
    world.tell(`${slot.name} starts`);
    try {
      const started = await process.run(() => startServices({
        names: slot.services, ports: sabotage?.(ports, process) ?? ports, codec, partitions: plan.partitions, faults: { reach: (name) => this.#reach(slot, process, name) },
        tell: (line) => process.alive && world.tell(`${slot.name} says ${line}`),
      }));
      if (process.alive) slot.running = started;
    } catch (error) {
      if (!process.alive) return;
      // What cannot start ends, and whoever runs it tries again.
      world.tell(`${slot.name} cannot start: ${error instanceof Error ? error.message : String(error)}`);
      if (!isExpected(error)) this.failures.push(`${slot.name} cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.end();
      this.#again(slot);
    }
  }

  #reach(slot: Slot, process: SimulatedProcess, name: string): Promise<void> | void {
    if (!process.alive) return forever();
    this.#reached.set(name, (this.#reached.get(name) ?? 0) + 1);
    const { killChance, mostKills } = this.#options.plan;
    if (!this.#options.world.troubled || this.#kills >= mostKills || !this.#random.chance(killChance)) return undefined;
    this.#kill(slot, name);
    return forever();
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof Error && error.name === "CaudalError";
}
