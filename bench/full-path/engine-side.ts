import { cpuOfUs } from "../harness/process-cpu.ts";
import { play, type Played } from "./play.ts";
import type { PublisherPlan } from "./publisher.ts";

/** What carries readings from one broker through Kafka into three stores: Caudal, or what it is measured beside. */
export interface EngineSide {
  readonly name: string;
  readonly pids: readonly number[];
  /** Where its devices publish, {id} is their name. */
  readonly topic: string;
  /** Readings that Kafka has had. */
  arrived(): Promise<number>;
  /** Resolves when all three stores have what Kafka has had. */
  through(): Promise<void>;
  /** Readings that stand in each store, by the store's name. */
  stored(): Promise<ReadonlyMap<string, number>>;
}

export type Servers = ReadonlyMap<string, readonly number[]>;

/** One turn of a side. */
export interface Turn {
  readonly played: Played;
  /** Of its processes, until its next turn begins: what it puts off is its own. */
  cpuUs: number;
  /** Of each server, until all was through. */
  readonly serverCpuUs: ReadonlyMap<string, number>;
}

/** A side that is played in turns. */
export class PlayedSide {
  readonly side: EngineSide;
  readonly turns: Turn[] = [];
  /** Readings that it was given, the uncounted ones too. */
  given = 0;
  readonly #print: (line: string) => void;
  #cpuAtUs = 0;

  constructor(side: EngineSide, print: (line: string) => void) {
    this.side = side;
    this.#print = print;
  }

  /** Plays what is not counted. */
  async warmUp(plan: PublisherPlan): Promise<void> {
    await this.#play(plan);
  }

  async turn(plan: PublisherPlan, servers: Servers): Promise<void> {
    this.endTurn();
    const before = new Map([...servers].map(([name, pids]) => [name, cpuOfUs(pids)]));
    const played = await this.#play(plan);
    const serverCpuUs = new Map([...servers].map(([name, pids]) => [name, cpuOfUs(pids) - (before.get(name) ?? 0)]));
    this.turns.push({ played, cpuUs: 0, serverCpuUs });
    this.#print(`  ${this.side.name}: ${Math.round(played.acknowledged / played.throughS)} readings/s through, ${(played.cpuUs / played.acknowledged).toFixed(1)} µs a reading`);
  }

  /** Counts the CPU time of its processes up to now to its last turn. */
  endTurn(): void {
    const nowUs = cpuOfUs(this.side.pids);
    const last = this.turns.at(-1);
    if (last !== undefined) last.cpuUs = nowUs - this.#cpuAtUs;
    this.#cpuAtUs = nowUs;
  }

  async #play(plan: PublisherPlan): Promise<Played> {
    const { side } = this;
    const played = await play({ ...plan, topic: side.topic }, {
      pids: side.pids, print: this.#print, arrived: () => side.arrived(), through: () => side.through(),
    });
    this.given += played.acknowledged;
    return played;
  }
}
