import { drop, keep, type DirectoryEntry, type Outcome } from "@caudal/core";
import type { MappedSample, Reading, Sample } from "@caudal/schemas";
import { maskOf, reasonsOf } from "../rules/reason-mask.ts";
import { storedValue, type Mapping } from "./mapping.ts";
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

/** One sample of a reading: its number, its instant, what it means, and whether it is known already. */
export function mapSample(sample: Sample, reading: Reading, mapping: Mapping, admit: Admit): Outcome<Placed | undefined, "unmapped"> {
  const number = readValue(sample.value);
  if (number.kind !== "keep") return number;
  const timeUs = instantOf(sample, reading);
  const compiled = mapping.at(sample.key, timeUs);
  if (compiled === undefined || compiled.entry.ignored === true) return unmapped;
  if (!admit(sample.key, timeUs, number.value)) return duplicate;
  let value = storedValue(compiled, number.value, sample.unit);
  let reasons = timeReasons(sample, reading);
  const timeFrom = (reasons & EDGE_TIME) !== 0 ? "edge" : "source";
  if (value === null) reasons |= SENTINEL;
  else if (!Number.isFinite(value)) {
    // Too large for a double once it is in the stored unit.
    value = null;
    reasons |= NOT_A_NUMBER;
  }
  const { entry } = compiled;
  return keep({ entry, sample: { variable: entry.variable, key: sample.key, value, timeUs, timeFrom, reasons: reasonsOf(reasons) } });
}
