import { crc32 } from "node:zlib";
import type { FactArrays } from "@caudal/core";

/** Numbers that one variable takes: variable, newest instant of any fact, then the newest fact that holds, then whether that must be looked up. */
const STRIDE = 9;
const VARIABLE = 0;
const LAST_INSTANT = 1;
const INSTANT = 2;
const VALUE = 3;
const FLAG = 4;
const AUTHORITY = 5;
const KNOWN_AT = 6;
const REASONS = 7;
const UNSETTLED = 8;

/** Newest fact of one variable that is not withdrawn. */
export interface NewestFact {
  readonly variable: number;
  readonly instantUs: number;
  readonly value: number;
  readonly flag: number;
  readonly authority: number;
  readonly knownAtUs: number;
  readonly reasons: number;
}

/** The newest facts of a point, a variable each, as one array of numbers because there are many points. */
export class NewestFacts {
  #numbers: number[];

  constructor(numbers: number[] = []) {
    this.#numbers = numbers;
  }

  /** Newest instant that the variable has a fact of, withdrawn or not; -Infinity without any. */
  lastInstantUs(variable: number): number {
    const at = this.#find(variable);
    return at < 0 ? -Infinity : this.#numbers[at + LAST_INSTANT]!;
  }

  /** Takes note of a fact that became the greatest revision of its key. */
  note(facts: FactArrays, index: number, isWithdrawn: boolean): void {
    const instantUs = facts.instants[index]!;
    const at = this.#findOrAdd(facts.variables[index]!);
    const numbers = this.#numbers;
    numbers[at + LAST_INSTANT] = Math.max(numbers[at + LAST_INSTANT]!, instantUs);
    if (!isWithdrawn && instantUs >= numbers[at + INSTANT]!) this.#set(at, facts, index);
    else if (isWithdrawn && instantUs === numbers[at + INSTANT]) numbers[at + UNSETTLED] = 1;
  }

  /** Variables whose newest fact was withdrawn; `settle` says what holds instead. */
  unsettled(): readonly number[] {
    const variables: number[] = [];
    for (let at = 0; at < this.#numbers.length; at += STRIDE) if (this.#numbers[at + UNSETTLED] === 1) variables.push(this.#numbers[at + VARIABLE]!);
    return variables;
  }

  settle(variable: number, facts: FactArrays | undefined, index: number): void {
    const at = this.#findOrAdd(variable);
    if (facts !== undefined) return this.#set(at, facts, index);
    this.#numbers[at + INSTANT] = -Infinity;
    this.#numbers[at + UNSETTLED] = 0;
  }

  /** Facts at or after `floorUs`. */
  *since(floorUs: number): Generator<NewestFact> {
    const n = this.#numbers;
    for (let at = 0; at < n.length; at += STRIDE) {
      const instantUs = n[at + INSTANT]!;
      if (instantUs === -Infinity || instantUs < floorUs) continue;
      yield {
        variable: n[at + VARIABLE]!, instantUs, value: n[at + VALUE]!, flag: n[at + FLAG]!, authority: n[at + AUTHORITY]!,
        knownAtUs: n[at + KNOWN_AT]!, reasons: n[at + REASONS]!,
      };
    }
  }

  /** CRC-32 (as a double) and the numbers. */
  toBytes(): Uint8Array {
    const numbers = new Float64Array([0, ...this.#numbers]);
    const bytes = new Uint8Array(numbers.buffer);
    numbers[0] = crc32(bytes.subarray(8));
    return bytes;
  }

  /** Undefined when the bytes are not what was written. */
  static fromBytes(bytes: Uint8Array): NewestFacts | undefined {
    if (bytes.byteLength % 8 !== 0 || bytes.byteLength === 0) return undefined;
    const numbers = new Float64Array(bytes.slice().buffer);
    return numbers[0] === crc32(bytes.subarray(8)) ? new NewestFacts([...numbers.subarray(1)]) : undefined;
  }

  #set(at: number, facts: FactArrays, index: number): void {
    const numbers = this.#numbers;
    numbers[at + INSTANT] = facts.instants[index]!;
    numbers[at + VALUE] = facts.values[index]!;
    numbers[at + FLAG] = facts.flags[index]!;
    numbers[at + AUTHORITY] = facts.authorities[index]!;
    numbers[at + KNOWN_AT] = facts.knownAts[index]!;
    numbers[at + REASONS] = facts.reasons[index]!;
    numbers[at + UNSETTLED] = 0;
  }

  #find(variable: number): number {
    for (let at = 0; at < this.#numbers.length; at += STRIDE) if (this.#numbers[at + VARIABLE] === variable) return at;
    return -1;
  }

  #findOrAdd(variable: number): number {
    const at = this.#find(variable);
    if (at >= 0) return at;
    this.#numbers = this.#numbers.concat([variable, -Infinity, -Infinity, 0, 0, 0, 0, 0, 0]);
    return this.#numbers.length - STRIDE;
  }
}
