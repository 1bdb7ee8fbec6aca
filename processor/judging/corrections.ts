import type { Ring } from "./ring.ts";

/** What a person said of one sample. */
export interface Corrected {
  readonly variable: string;
  readonly timeUs: number;
  /** null: it is none. */
  readonly value: number | null;
}

/** Corrections of a point that are remembered, and events of them that are known when they come again. */
const MOST = 4000;
const MOST_EVENTS = 64;

/**
 * What people said of the samples that judging remembers: they stand in place of what a source says at those instants, also when that comes, or comes again, later.
 * What is older than the remembered samples needs no memory: revisions tell a tier which fact holds.
 */
export class Corrections {
  readonly #byVariable = new Map<string, Map<number, number | null>>();
  #events: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** undefined when nobody said anything; NaN when there is no sample. */
  at(variable: string, timeUs: number): number | undefined {
    if (this.#count === 0) return undefined;
    const value = this.#byVariable.get(variable)?.get(timeUs);
    return value === null ? NaN : value;
  }

  /** False when the event was taken in already. */
  begin(eventId: string): boolean {
    if (this.#events.includes(eventId)) return false;
    this.#events = [...this.#events, eventId].slice(-MOST_EVENTS);
    return true;
  }

  set({ variable, timeUs, value }: Corrected): void {
    let known = this.#byVariable.get(variable);
    if (known === undefined) this.#byVariable.set(variable, (known = new Map()));
    if (!known.has(timeUs)) this.#count++;
    known.set(timeUs, value);
  }

  /** Lets go of what is older than the samples that are remembered, and of the oldest of too many. */
  trim(ringOf: (variable: string) => Ring | undefined): void {
    for (const [variable, known] of this.#byVariable) {
      const ring = ringOf(variable);
      const oldestUs = ring === undefined || ring.complete || ring.count === 0 ? -Infinity : ring.timeUs(0);
      const times = [...known.keys()].sort((a, b) => a - b);
      for (const [index, timeUs] of times.entries()) {
        if (timeUs >= oldestUs && times.length - index <= MOST) break;
        known.delete(timeUs);
        this.#count--;
      }
      if (known.size === 0) this.#byVariable.delete(variable);
    }
  }

  toJson(): { readonly values: readonly Corrected[]; readonly events: readonly string[] } {
    return { values: [...this.#byVariable].flatMap(([variable, known]) => [...known].map(([timeUs, value]) => ({ variable, timeUs, value }))), events: this.#events };
  }

  restore({ values, events }: { readonly values: readonly Corrected[]; readonly events: readonly string[] }): void {
    for (const corrected of values) this.set(corrected);
    this.#events = [...events];
  }
}
