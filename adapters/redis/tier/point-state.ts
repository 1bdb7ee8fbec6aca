import { FACT_BYTES, FactList, type FactArrays, type PointKey, type Words } from "@caudal/core";
import type { HourFacts } from "./hour-facts.ts";
import { hourOf, HOUR_US } from "./keys.ts";
import { HEAD_BYTES } from "./scripts.ts";
import type { Scratch } from "./scratch.ts";
import { encodeState, type StoredState } from "./state-codec.ts";

const OWN_BYTES = 1024;
/** Hours kept decoded: the one being written, the one before and one that late facts go to. */
const HOURS_KEPT = 3;

/** A point as this process knows it. What it knows is proved by the token with each write; after a failed one it is thrown away. */
export class PointState {
  readonly key: PointKey;
  /** Name of its key in Redis. */
  readonly name: string;
  /** Empty while it has no state there. */
  token = "";
  hasBegun = false;
  floorUs = -Infinity;
  /** Ascending. */
  hours: number[] = [];
  newest = new FactList(4);
  /** Decoded hours, the one used last at the end. */
  readonly known = new Map<number, HourFacts>();
  /** Hours that lost their place here and still have a key, to be deleted with the next write. */
  gone: number[] = [];
  /** True when what stands here is not what stands in Redis. */
  isChanged = false;

  constructor(key: PointKey, name: string, stored: StoredState | undefined) {
    this.key = key;
    this.name = name;
    if (stored === undefined) return;
    this.token = stored.token;
    this.hasBegun = stored.hasBegun;
    this.floorUs = stored.floorUs;
    this.hours = [...stored.hours];
    this.newest = stored.newest;
  }

  get exists(): boolean {
    return this.token !== "";
  }

  /** Bytes in memory, about. */
  get bytes(): number {
    let bytes = OWN_BYTES + this.hours.length * 8;
    for (const hour of this.known.values()) bytes += hour.capacity * FACT_BYTES;
    return bytes;
  }

  /** The first fact begins the floor. */
  begin(floorUs: number): void {
    if (this.hasBegun) return;
    this.raise(floorUs);
    this.hasBegun = true;
    this.isChanged = true;
  }

  /** The hour if it is known, which is then the one used last. */
  use(hour: number): HourFacts | undefined {
    const facts = this.known.get(hour);
    if (facts === undefined || this.known.size === 1) return facts;
    this.known.delete(hour);
    this.known.set(hour, facts);
    return facts;
  }

  /** Room for a head and the bytes to store under a new token; room alone when nothing changed. */
  encode({ nextToken, words, scratch }: { readonly nextToken: () => string; readonly words: Words; readonly scratch: Scratch }): Buffer {
    if (!this.isChanged) return Buffer.alloc(HEAD_BYTES);
    this.token = nextToken();
    this.isChanged = false;
    return encodeState(this, words, scratch);
  }

  hasHour(hour: number): boolean {
    return this.hours.at(-1) === hour || this.hours.includes(hour);
  }

  addHour(hour: number): void {
    let at = this.hours.length;
    while (at > 0 && this.hours[at - 1]! > hour) at -= 1;
    this.hours.splice(at, 0, hour);
    this.isChanged = true;
  }

  /** Takes note of a fact that became the greatest revision. True when the variable's newest must be looked for, because it was withdrawn. */
  note(facts: FactArrays, index: number, isWithdrawn: boolean): boolean {
    const at = this.#newestOf(facts.variables[index]!);
    const instantUs = facts.instants[index]!;
    this.isChanged = true;
    if (isWithdrawn) return at >= 0 && this.newest.instants[at] === instantUs;
    if (at < 0) this.newest.add(facts, index);
    else if (instantUs >= this.newest.instants[at]!) this.newest.set(at, facts, index);
    return false;
  }

  /** Instant of the variable's newest fact; -Infinity without one. */
  newestInstantUs(variable: number): number {
    const at = this.#newestOf(variable);
    return at < 0 ? -Infinity : this.newest.instants[at]!;
  }

  forgetNewest(variable: number): void {
    this.#keepNewest((i) => this.newest.variables[i] !== variable);
  }

  /** Raises the floor, never lowers it: what lies below is forgotten. */
  raise(floorUs: number): void {
    if (floorUs <= this.floorUs) return;
    this.floorUs = floorUs;
    this.isChanged = true;
    const gone = this.hours.filter((hour) => (hour + 1) * HOUR_US <= floorUs);
    this.hours = this.hours.slice(gone.length);
    for (const hour of gone) this.known.delete(hour);
    this.gone.push(...gone);
    this.#keepNewest((i) => this.newest.instants[i]! >= floorUs);
  }

  trim(): void {
    for (const hour of this.known.keys()) {
      if (this.known.size <= HOURS_KEPT) break;
      this.known.delete(hour);
    }
  }

  /** Hours from the one of the instant down. */
  hoursFrom(instantUs: number): number[] {
    return this.hours.filter((hour) => hour <= hourOf(instantUs)).reverse();
  }

  #newestOf(variable: number): number {
    for (let i = 0; i < this.newest.length; i++) if (this.newest.variables[i] === variable) return i;
    return -1;
  }

  #keepNewest(isKept: (index: number) => boolean): void {
    const kept = new FactList(this.newest.length);
    for (let i = 0; i < this.newest.length; i++) if (isKept(i)) kept.add(this.newest, i);
    this.newest = kept;
  }
}
