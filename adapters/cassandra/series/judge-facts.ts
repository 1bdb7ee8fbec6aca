import { compareRevisions, type FactRun, type Revision, type Words } from "@caudal/core";
import type { Fact, Measurement } from "@caudal/schemas";
import type { FactAge } from "./newest-cell.ts";

/** Facts counted by what becomes of them. */
export interface FactCounts {
  stored: number;
  superseded: number;
  duplicate: number;
  belowFloor: number;
}

/** Revisions of facts by instant, then variable. */
export class Revisions {
  readonly #instants = new Map<number, Map<string, Revision[]>>();

  of(instantUs: number, variable: string): readonly Revision[] {
    return this.#instants.get(instantUs)?.get(variable) ?? [];
  }

  add(instantUs: number, variable: string, revision: Revision): void {
    const variables = this.#instants.get(instantUs) ?? new Map<string, Revision[]>();
    this.#instants.set(instantUs, variables);
    const known = variables.get(variable);
    if (known === undefined) variables.set(variable, [revision]);
    else known.push(revision);
  }

  addRun({ facts, start, end }: FactRun, words: Words): void {
    for (let i = start; i < end; i++) {
      this.add(facts.instants[i]!, words.textOf(facts.variables[i]!), { authority: facts.authorities[i]!, knownAtUs: facts.knownAts[i]! });
    }
  }
}

/** Instants of facts that may be in the store: those that are not newer than the newest known of their variable. */
export function lateInstants(measurements: readonly Measurement[], newest: ReadonlyMap<string, FactAge>): number[] {
  const late = new Set<number>();
  for (const { instantUs, facts } of measurements) {
    for (const { variable } of facts) if (instantUs <= (newest.get(variable)?.instantUs ?? -Infinity)) late.add(instantUs);
  }
  return late.size === 0 ? [] : [...late].sort((a, b) => a - b);
}

export interface Judged {
  readonly counts: FactCounts;
  /** What is to be written: each measurement with those of its facts that are new. */
  readonly fresh: readonly { readonly measurement: Measurement; readonly facts: readonly Fact[] }[];
}

/**
 * Tells what is new, measurement by measurement: a revision that is in `stored` (or came before in these measurements) is a duplicate, a lesser one than
 * the greatest is superseded and new all the same. `stored` must hold the revisions at all late instants.
 */
export function judgeFacts(measurements: readonly Measurement[], newest: ReadonlyMap<string, FactAge>, stored: Revisions): Judged {
  const counts: FactCounts = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 };
  const fresh: { measurement: Measurement; facts: readonly Fact[] }[] = [];
  const known = new Map(Array.from(newest, ([variable, { instantUs }]) => [variable, instantUs]));
  const mayMeet = !isAscending(measurements) || measurements.some(({ facts }) => hasRepeats(facts));
  for (const measurement of measurements) {
    const { instantUs } = measurement;
    const facts = measurement.facts.filter(({ variable }) => {
      const isNewer = instantUs > (known.get(variable) ?? -Infinity);
      if (isNewer) known.set(variable, instantUs);
      const kind = isNewer ? "stored" : kindOf(measurement, stored.of(instantUs, variable));
      counts[kind] += 1;
      if (kind !== "duplicate" && mayMeet) stored.add(instantUs, variable, measurement);
      return kind !== "duplicate";
    });
    if (facts.length > 0) fresh.push({ measurement, facts: facts.length === measurement.facts.length ? measurement.facts : facts });
  }
  return { counts, fresh };
}

function kindOf(revision: Revision, known: readonly Revision[]): "stored" | "superseded" | "duplicate" {
  let kind: "stored" | "superseded" = "stored";
  for (const other of known) {
    const order = compareRevisions(revision, other);
    if (order === 0) return "duplicate";
    if (order < 0) kind = "superseded";
  }
  return kind;
}

function hasRepeats(facts: readonly Fact[]): boolean {
  if (facts.length > 8) return new Set(facts.map(({ variable }) => variable)).size < facts.length;
  for (let i = 1; i < facts.length; i++) for (let j = 0; j < i; j++) if (facts[i]!.variable === facts[j]!.variable) return true;
  return false;
}

/** Measurements in the order of time meet none of their own. */
function isAscending(measurements: readonly Measurement[]): boolean {
  for (let i = 1; i < measurements.length; i++) if (measurements[i - 1]!.instantUs >= measurements[i]!.instantUs) return false;
  return true;
}
