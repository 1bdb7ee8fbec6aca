import { drop, keep, type DirectoryEntry, type Outcome } from "@caudal/core";
import type { MappedSample, Reading, Sample } from "@caudal/schemas";
import { maskOf, reasonsOf } from "../rules/reason-mask.ts";
import { storedValue, type CompiledEntry, type Mapping } from "./mapping.ts";
import { readValue } from "./sample-value.ts";
import { instantOf, timeReasons } from "./sample-time.ts";

const SENTINEL = maskOf("sentinel");
const NOT_A_NUMBER = maskOf("not-a-number");
const EDGE_TIME = maskOf("edge-time");

/** A sample with the point that it belongs to. */
export interface Placed {
  readonly entry: DirectoryEntry;
  readonly sample: MappedSample;
}

/** Says whether the sample is new; a step that remembers. */
export type Admit = (key: string, timeUs: number, value: number) => boolean;

const duplicate = drop("duplicate");
/** A key that a person ignores, that is too many, or that means nothing at that instant. */
const unmapped = { kind: "divert", to: "unmapped", value: undefined } as const;

/** A sample that is new, with what its key means at its instant. */
export interface Taken {
  readonly sample: Sample;
  readonly own: CompiledEntry;
  readonly number: number;
  readonly timeUs: number;
  /** Mask of what has to be said about the instant. */
  readonly reasons: number;
}

/** One sample of a reading: its number, its instant, whether it means anything, and whether it is known already. */
export function takeSample(sample: Sample, reading: Reading, mapping: Mapping, admit: Admit): Outcome<Taken | undefined, "unmapped"> {
  const number = readValue(sample.value);
  if (number.kind !== "keep") return number;
  const timeUs = instantOf(sample, reading);
  const own = mapping.at(sample.key, timeUs);
  if (own === undefined || own.entry.ignored === true) return unmapped;
  if (!admit(sample.key, timeUs, number.value)) return duplicate;
  return keep({ sample, own, number: number.value, timeUs, reasons: timeReasons(sample, reading) });
}

/** What the sample is in a place: the variable there, in the unit that its facts are stored in. */
export function placeSample({ sample, number, timeUs, reasons: said }: Omit<Taken, "own">, compiled: CompiledEntry): MappedSample {
  let reasons = said;
  let value = storedValue(compiled, number, sample.unit);
  const timeFrom = (reasons & EDGE_TIME) !== 0 ? "edge" : "source";
  if (value === null) reasons |= SENTINEL;
  else if (!Number.isFinite(value)) {
    // Too large for a double once it is in the stored unit.
    value = null;
    reasons |= NOT_A_NUMBER;
  }
  return { variable: compiled.entry.variable, key: sample.key, value, timeUs, timeFrom, reasons: reasonsOf(reasons) };
}

/** The sample at its key's own point. */
export function mapSample(sample: Sample, reading: Reading, mapping: Mapping, admit: Admit): Outcome<Placed | undefined, "unmapped"> {
  const outcome = takeSample(sample, reading, mapping, admit);
  if (outcome.kind !== "keep" || outcome.value === undefined) return outcome as Outcome<undefined, "unmapped">;
  const { own } = outcome.value;
  return keep({ entry: own.entry, sample: placeSample(outcome.value, own) });
}

/** Samples of one reading by point; a sample that goes to many points in one form is one object. */
export class Placing {
  readonly #byPoint = new Map<string, { readonly channel: string; readonly samples: MappedSample[] }>();
  count = 0;

  /** The sample in each of the places. */
  put(taken: Omit<Taken, "own">, places: readonly CompiledEntry[]): void {
    let last: { readonly like: CompiledEntry; readonly sample: MappedSample } | undefined;
    for (const compiled of places) {
      const { entry } = compiled;
      if (last === undefined || last.like.entry.variable !== entry.variable || last.like.entry.unit !== entry.unit || last.like.entry.guessed !== entry.guessed) last = { like: compiled, sample: placeSample(taken, compiled) };
      const known = this.#byPoint.get(entry.point);
      if (known === undefined) this.#byPoint.set(entry.point, { channel: entry.channel, samples: [last.sample] });
      else known.samples.push(last.sample);
    }
    this.count += places.length;
  }

  points(): Iterable<[point: string, placed: { readonly channel: string; readonly samples: MappedSample[] }]> {
    return this.#byPoint;
  }
}
