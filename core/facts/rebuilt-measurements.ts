import type { Fact, Measurement } from "@caudal/schemas";
import type { PointKey, RowBlock } from "../ports/series-tier.ts";

export interface RebuildOptions {
  /** What stands in the place of the event that a copied fact came from, which no tier keeps. */
  readonly origin: string;
  /** Begins the floor of a point that the tier does not know. */
  readonly receivedAtUs: number;
}

type Rebuilt = Omit<Measurement, "facts"> & { readonly facts: Fact[] };

/** Measurements that give a tier the facts of the block, each with its own revision: facts of one instant that differ in theirs come in measurements of their own. */
export function rebuiltMeasurements({ client, point }: PointKey, block: RowBlock, { origin, receivedAtUs }: RebuildOptions): readonly Measurement[] {
  const rebuilt: Rebuilt[] = [];
  for (let row = 0; row < block.rows; row++) {
    const instantUs = block.timesUs[row]!;
    const first = rebuilt.length;
    for (const { variable, values, flags, reasons, authorities, knownAtUs } of block.columns) {
      const flag = flags[row]!;
      if (flag === 0) continue;
      const value = values[row]!;
      const fact: Fact = { variable, value: Number.isNaN(value) ? null : value, flag, reasons: [...(reasons.get(row) ?? [])] };
      const [authority, known] = [authorities[row]!, knownAtUs[row]!];
      let same: Rebuilt | undefined;
      for (let at = first; at < rebuilt.length && same === undefined; at++) if (rebuilt[at]!.authority === authority && rebuilt[at]!.knownAtUs === known) same = rebuilt[at];
      if (same !== undefined) same.facts.push(fact);
      else {
        rebuilt.push({
          eventId: origin, client, point, device: "", channel: "", source: origin, transport: origin, instantUs, observedAtUs: instantUs, receivedAtUs,
          authority, knownAtUs: known, causeId: origin, facts: [fact], labels: {},
        });
      }
    }
  }
  return rebuilt;
}
