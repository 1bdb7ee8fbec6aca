import { compareRevisions, digestOf, type Digest, type LatestFact, type PointKey, type TierName } from "@caudal/core";
import type { Fact, Measurement } from "@caudal/schemas";

export interface Revised {
  readonly fact: Fact;
  readonly authority: number;
  readonly knownAtUs: number;
}

export interface Row {
  readonly instantUs: number;
  /** By variable: revisions, the greatest first. */
  readonly facts: Map<string, Revised[]>;
}

interface PointState {
  floorUs: number;
  begun: boolean;
  readonly rows: Map<number, Row>;
  /** Rows in order of time; undefined where that must be made anew. */
  sorted: Row[] | undefined;
}

export type Outcome = "stored" | "superseded" | "duplicate" | "belowFloor";

const DAY_US = 86_400_000_000;

/** What one simulated tier holds durably: the port's meaning, in maps. */
export class TierState {
  readonly name: TierName;
  readonly retentionMs: number | null;
  readonly revisions: "all" | "latest";
  readonly #points = new Map<string, PointState>();

  constructor(name: TierName, retentionMs: number | null, revisions: "all" | "latest") {
    this.name = name;
    this.retentionMs = retentionMs;
    this.revisions = revisions;
  }

  /** Every point with anything of it here. */
  keys(): PointKey[] {
    return [...this.#points.keys()].map((key) => {
      const [client, point] = JSON.parse(key) as [string, string];
      return { client, point };
    });
  }

  merge(measurement: Measurement): Record<Outcome, number> {
    const counts = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 };
    if (measurement.facts.length === 0) return counts;
    const point = this.#point(measurement);
    if (!point.begun && this.retentionMs !== null) point.floorUs = Math.max(point.floorUs, measurement.receivedAtUs - this.retentionMs * 1000);
    point.begun = true;
    for (const fact of measurement.facts) counts[measurement.instantUs < point.floorUs ? "belowFloor" : this.#merge(point, measurement, fact)] += 1;
    return counts;
  }

  rows(key: PointKey): readonly Row[] {
    const point = this.#points.get(keyOf(key));
    if (point === undefined) return [];
    return (point.sorted ??= [...point.rows.values()].sort((a, b) => a.instantUs - b.instantUs));
  }

  latest(key: PointKey): LatestFact[] {
    const newest = new Map<string, LatestFact>();
    for (const { instantUs, facts } of this.rows(key).toReversed()) {
      for (const [variable, [greatest]] of facts) {
        if (greatest === undefined || newest.has(variable) || isWithdrawn(greatest)) continue;
        const { fact: { value, flag, reasons }, authority, knownAtUs } = greatest;
        newest.set(variable, { ...key, variable, instantUs, value, flag, reasons, authority, knownAtUs });
      }
    }
    return [...newest.values()];
  }

  digest(key: PointKey, dayStartUs: number): Digest {
    const day = this.rows(key).filter(({ instantUs }) => instantUs >= dayStartUs && instantUs < dayStartUs + DAY_US);
    return digestOf(day.flatMap(({ instantUs, facts }) => [...facts.values()].map(([greatest]) => ({ instantUs, ...(greatest as Revised).fact }))));
  }

  floor(key: PointKey): number | undefined {
    return this.#points.get(keyOf(key))?.floorUs;
  }

  raiseFloor(key: PointKey, floorUs: number): void {
    const point = this.#point(key);
    point.floorUs = Math.max(point.floorUs, floorUs);
    for (const instantUs of point.rows.keys()) if (instantUs < point.floorUs) point.rows.delete(instantUs);
    point.sorted = undefined;
  }

  eraseClient(client: string): number {
    const gone = this.keys().filter((key) => key.client === client);
    for (const key of gone) this.#points.delete(keyOf(key));
    return gone.length;
  }

  #point({ client, point }: PointKey): PointState {
    const key = keyOf({ client, point });
    const known = this.#points.get(key);
    if (known !== undefined) return known;
    const made: PointState = { floorUs: -Infinity, begun: false, rows: new Map(), sorted: undefined };
    this.#points.set(key, made);
    return made;
  }

  #merge(point: PointState, { instantUs, authority, knownAtUs }: Measurement, fact: Fact): Outcome {
    let row = point.rows.get(instantUs);
    if (row === undefined) {
      row = { instantUs, facts: new Map() };
      point.rows.set(instantUs, row);
      point.sorted = undefined;
    }
    const incoming: Revised = { fact: { ...fact, reasons: fact.reasons.toSorted() }, authority, knownAtUs };
    const revisions = row.facts.get(fact.variable) ?? [];
    const at = revisions.findIndex((revision) => compareRevisions(revision, incoming) <= 0);
    const met = revisions[at];
    if (met !== undefined && compareRevisions(met, incoming) === 0) return "duplicate";
    if (this.revisions === "latest" && revisions.length > 0 && at !== 0) return "superseded";
    const all = at === -1 ? [...revisions, incoming] : revisions.toSpliced(at, 0, incoming);
    row.facts.set(fact.variable, this.revisions === "all" ? all : [incoming]);
    return all[0] === incoming ? "stored" : "superseded";
  }
}

export function isWithdrawn({ fact }: Revised): boolean {
  return fact.reasons.includes("withdrawn");
}

function keyOf({ client, point }: PointKey): string {
  return JSON.stringify([client, point]);
}
