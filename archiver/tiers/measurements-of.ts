import type { HeldFact, PointKey } from "@caudal/core";
import type { Fact, Measurement } from "@caudal/schemas";

type Growing = Omit<Measurement, "facts"> & { readonly facts: Fact[] };

/** What stands in the place of the event that a repaired fact came from, which no tier keeps. */
const ORIGIN = "repair";

/**
 * Measurements that give a tier these facts of a point, each with its own revision. They are received when they were measured, so that a point
 * whose floor was raised before its first fact does not begin above what is repaired.
 */
export function measurementsOf({ client, point }: PointKey, facts: readonly HeldFact[]): readonly Measurement[] {
  const made = new Map<string, Growing>();
  for (const { instantUs, variable, value, flag, reasons, authority, knownAtUs } of facts) {
    const name = `${instantUs} ${authority} ${knownAtUs}`;
    const fact: Fact = { variable, value, flag, reasons: [...reasons] };
    const standing = made.get(name);
    if (standing !== undefined) standing.facts.push(fact);
    else {
      made.set(name, {
        eventId: ORIGIN, client, point, device: "", channel: "", source: ORIGIN, transport: ORIGIN, instantUs, observedAtUs: instantUs, receivedAtUs: instantUs,
        authority, knownAtUs, causeId: ORIGIN, facts: [fact], labels: {},
      });
    }
  }
  return [...made.values()].sort((a, b) => a.instantUs - b.instantUs);
}
