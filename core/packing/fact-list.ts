/**
 * Facts of one point as parallel arrays, one entry a (instant, variable, revision). Variables and sets of reasons are numbers of the
 * tier's words. A fact without a value has NaN: real values are finite.
 */
export interface FactArrays {
  readonly instants: Float64Array;
  readonly variables: Uint32Array;
  readonly values: Float64Array;
  readonly flags: Uint8Array;
  readonly authorities: Uint8Array;
  readonly knownAts: Float64Array;
  readonly reasons: Uint32Array;
}

/** Bytes that one fact takes in these arrays. */
export const FACT_BYTES = 34;

/** Facts that can grow. "In order" means by instant, then variable, then greatest revision first. */
export class FactList implements FactArrays {
  instants: Float64Array;
  variables: Uint32Array;
  values: Float64Array;
  flags: Uint8Array;
  authorities: Uint8Array;
  knownAts: Float64Array;
  reasons: Uint32Array;
  length = 0;

  constructor(capacity = 16) {
    this.instants = new Float64Array(capacity);
    this.variables = new Uint32Array(capacity);
    this.values = new Float64Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.authorities = new Uint8Array(capacity);
    this.knownAts = new Float64Array(capacity);
    this.reasons = new Uint32Array(capacity);
  }

  get capacity(): number {
    return this.instants.length;
  }

  /** Copies one fact to the end; its index. */
  add(from: FactArrays, index: number): number {
    if (this.length === this.capacity) this.reserve(this.length + 1);
    const at = this.length++;
    this.set(at, from, index);
    return at;
  }

  set(at: number, from: FactArrays, index: number): void {
    this.instants[at] = from.instants[index]!;
    this.variables[at] = from.variables[index]!;
    this.values[at] = from.values[index]!;
    this.flags[at] = from.flags[index]!;
    this.authorities[at] = from.authorities[index]!;
    this.knownAts[at] = from.knownAts[index]!;
    this.reasons[at] = from.reasons[index]!;
  }

  /** Copies a run of facts to the end. */
  addRun(from: FactArrays, start: number, end: number): void {
    this.reserve(this.length + end - start);
    const at = this.length;
    this.instants.set(from.instants.subarray(start, end), at);
    this.variables.set(from.variables.subarray(start, end), at);
    this.values.set(from.values.subarray(start, end), at);
    this.flags.set(from.flags.subarray(start, end), at);
    this.authorities.set(from.authorities.subarray(start, end), at);
    this.knownAts.set(from.knownAts.subarray(start, end), at);
    this.reasons.set(from.reasons.subarray(start, end), at);
    this.length += end - start;
  }

  /** Makes room for `facts` in all; doubles at least, so that growing one by one stays cheap. */
  reserve(facts: number): void {
    if (facts <= this.capacity) return;
    const capacity = Math.max(facts, this.capacity * 2);
    this.instants = grown(this.instants, new Float64Array(capacity));
    this.variables = grown(this.variables, new Uint32Array(capacity));
    this.values = grown(this.values, new Float64Array(capacity));
    this.flags = grown(this.flags, new Uint8Array(capacity));
    this.authorities = grown(this.authorities, new Uint8Array(capacity));
    this.knownAts = grown(this.knownAts, new Float64Array(capacity));
    this.reasons = grown(this.reasons, new Uint32Array(capacity));
  }
}

/** First index of facts in order whose instant is `instantUs` or later; `end` when there is none. */
export function firstAt(facts: FactArrays, instantUs: number, start: number, end: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (facts.instants[middle]! < instantUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Greater than zero when the revision of `a[i]` is greater than that of `b[j]`, zero when they are the same. */
export function compareRevisionsAt(a: FactArrays, i: number, b: FactArrays, j: number): number {
  return a.authorities[i]! - b.authorities[j]! || a.knownAts[i]! - b.knownAts[j]!;
}

export function sameKey(a: FactArrays, i: number, b: FactArrays, j: number): boolean {
  return a.instants[i] === b.instants[j] && a.variables[i] === b.variables[j];
}

/** Order of facts: instant, variable, greatest revision first. */
export function compareFacts(a: FactArrays, i: number, b: FactArrays, j: number): number {
  return a.instants[i]! - b.instants[j]! || a.variables[i]! - b.variables[j]! || compareRevisionsAt(b, j, a, i);
}

function grown<T extends { set(from: T): void }>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
