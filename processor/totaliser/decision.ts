import type { DecisionRecord } from "@caudal/core";
import type { PointState, VariableState } from "../judging/point-state.ts";
import type { CounterChange } from "./counter.ts";
import { bare, decisionNames, isSaid } from "./kinds.ts";

/** A decision about one count that was made, or that no longer holds; what is known of its event comes with its record. */
export type DecisionChange = Omit<DecisionRecord, "knownAtUs" | "causeId"> & {
  /** The same for the same count and kind, however often it is decided. */
  readonly id: string;
};

export function decisionIdOf(point: string, variable: string, instantUs: number, kind: string): string {
  return `${point}/${variable}@${instantUs}/${kind}`;
}

/** What the new view of a count makes of decisions: the old one goes, the new one is made. */
export function decisionsOf({ id: point, client }: PointState, { name: variable, ring }: VariableState, change: CounterChange): DecisionChange[] {
  const made = decisionNames.get(bare(change.kind));
  const gone = Number.isNaN(change.kindBefore) ? undefined : decisionNames.get(bare(change.kindBefore));
  if (made === undefined && gone === undefined) return [];
  const instantUs = ring.timeUs(change.index);
  const body = (kind: string, state: DecisionChange["state"], said: boolean): DecisionChange => ({
    id: decisionIdOf(point, variable, instantUs, kind), client, point, variable, instantUs, kind, state, said,
    baseline: numberOf(change.baseline), count: numberOf(ring.value(change.index)), volumeM3: numberOf(change.volumeM3),
  });
  const changes: DecisionChange[] = [];
  if (gone !== undefined && gone !== made) changes.push(body(gone, "gone", isSaid(change.kindBefore)));
  if (made !== undefined) changes.push(body(made, "made", isSaid(change.kind)));
  return changes;
}

const numberOf = (value: number): number | null => (Number.isNaN(value) ? null : value);
