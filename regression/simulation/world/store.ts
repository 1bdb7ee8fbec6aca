import { CaudalError } from "@caudal/core";
import { running } from "../time/virtual-time.ts";
import { Disk } from "./disk.ts";
import { forever, type SimulatedProcess } from "./process.ts";
import type { Conditions, StoreTemper } from "./conditions.ts";


const TIMEOUT_MS = 3000;

/** One simulated store: its disk, its temper, and whether it is there at all. */
export class Store {
  readonly name: string;
  readonly disk: Disk;
  readonly #world: Conditions;
  #crashes = 0;

  constructor(world: Conditions, name: string) {
    this.#world = world;
    this.name = name;
    this.disk = new Disk({ syncMs: () => this.#took(this.temper.syncMs), torn: (writes) => world.random.whole(0, world.tears ? writes : 0) });
  }

  get temper(): StoreTemper {
    return this.#world.temperOf(this.name);
  }

  /** Cuts its power: unsynced writes are lost, calls under way are never answered but by their timeout. */
  crash(): void {
    this.#crashes += 1;
    this.disk.crash();
  }

  /** A call that changes nothing. */
  read<T>(process: SimulatedProcess, what: string, work: () => T): Promise<T> {
    return this.#call(process, what, () => Promise.resolve(work()), false);
  }

  /** A call whose effect is durable when it resolves. */
  write<T>(process: SimulatedProcess, what: string, apply: () => T): Promise<T> {
    return this.#call(process, what, () => this.disk.write(apply), true);
  }

  /** A write that every start makes anew: the store may be away for it, but has no moods, or a process with many would hardly ever start. */
  declare<T>(process: SimulatedProcess, what: string, apply: () => T): Promise<T> {
    return this.#call(process, what, () => this.disk.write(apply), true, false);
  }

  /** A call to a store that is none of this world, with this one's moods on the way there and back. */
  carry<T>(process: SimulatedProcess, what: string, work: () => Promise<T>, kind: "read" | "write" | "declare"): Promise<T> {
    return this.#call(process, what, work, kind !== "read", kind !== "declare");
  }

  #call<T>(process: SimulatedProcess, what: string, work: () => Promise<T>, writes: boolean, moody = true): Promise<T> {
    if (!process.alive) return forever();
    const world = this.#world;
    const { answerMs } = this.temper;
    const { refused, lostAnswer } = moody ? this.temper : { refused: 0, lostAnswer: 0 };
    return new Promise<T>((resolve, reject) => {
      let answered = false;
      // An answer reaches the process that asked, if that is still there and not held.
      const answer = (ms: number, settle: () => void): void => {
        process.run(() => setTimeout(() => {
          if (answered) return;
          answered = true;
          settle();
        }, ms));
      };
      const fail = (ms: number, error: CaudalError): void => {
        world.tell(`${process.name} ${this.name}.${what} ${error.code}`);
        answer(ms, () => reject(error));
      };
      const unanswered = (why: string): CaudalError => new CaudalError("timeout", `${this.name}.${what}: ${why}`);
      if (world.isAway(this.name)) {
        // Half of those that are away still take calls, and never answer.
        if (world.random.chance(0.5)) return fail(this.#took(answerMs), new CaudalError("unavailable", `${this.name} is away`));
        return fail(TIMEOUT_MS, unanswered("no answer"));
      }
      if (world.random.chance(refused)) return fail(this.#took(answerMs), new CaudalError("unavailable", `${this.name} refuses for now`));
      const lost = writes && world.random.chance(lostAnswer);
      const crashes = this.#crashes;
      running.run(undefined, () => {
        work().then((value) => {
          if (writes) world.tell(`${process.name} ${this.name}.${what}${lost ? " unanswered" : ""}`);
          if (lost || crashes !== this.#crashes) fail(this.#took(TIMEOUT_MS / 10), unanswered("the answer was lost"));
          else answer(this.#took(answerMs), () => resolve(value));
        }, (error: unknown) => answer(this.#took(answerMs), () => reject(error as Error)));
      });
      if (writes && world.canCrash) process.run(() => setTimeout(() => {
        if (answered || crashes === this.#crashes) return;
        answered = true;
        reject(unanswered("the store went down under it"));
      }, TIMEOUT_MS));
    });
  }

  #took(usualMs: number): number {
    const { slow, slowMs } = this.temper;
    const { random } = this.#world;
    return random.chance(slow) ? random.between(usualMs, slowMs) : random.between(usualMs / 2, usualMs * 1.5);
  }
}
