import { createHash } from "node:crypto";
import { deviceCollection, replayRecords, systemScope, topics, type DeviceRecord, type Documents, type PointKey } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import { levels } from "../../../analytics/rollups/level.ts";
import { MarkStore } from "../../../analytics/rollups/mark-store.ts";
import { RollupStore } from "../../../analytics/rollups/rollup-store.ts";
import type { ArchivedReading, DigestRow, Evidence, ParkedEvent, RollupBucket, RollupLevel, TierEvidence, TierFact, TimeSpan } from "../../integrity/auditor/evidence.ts";
import type { SimulatedPorts } from "../world/ports.ts";
import type { Row, Revised, TierState } from "../world/tier-state.ts";
import type { World } from "../world/world.ts";

const DAY_US = 86_400_000_000;
const QUARTER_US = 900_000_000;

export interface EvidenceOptions {
  readonly world: World;
  /** Of a process that only looks. */
  readonly ports: SimulatedPorts;
  readonly codec: Codec;
  /** Instants that the fleet wrote of lie in it. */
  readonly span: TimeSpan;
}

/** What the auditor is shown of a run: the stores' own state, and what the program's readers make of rollups and archive. */
export function evidenceOf({ world, ports, codec, span }: EvidenceOptions): Evidence {
  const states = [world.tiers.hot, world.tiers.warm, world.tiers.cold];
  return {
    directory: async function* () {
      for (const { fields } of world.documents.collections.get(deviceCollection.name)?.all() ?? []) {
        const { client, device, entries } = fields as unknown as DeviceRecord;
        for (const { point, key, variable, unit, ignored = false } of entries) yield { client, device, point, key, variable, unit, ignored };
      }
    },
    tiers: states.map(tierOf),
    archive: () => archived(world, ports, codec),
    parked: () => parked(world, codec),
    rollups: { isSettled: true, buckets: (point) => buckets(ports.documents, point, span), pending: (point) => pending(ports.documents, point) },
    digests: async function* (point) {
      for (const state of states) {
        const days = new Set(state.rows(point).map(({ instantUs }) => Math.floor(instantUs / DAY_US) * DAY_US));
        for (const dayStartUs of days) yield { tier: state.name, dayStartUs, ...state.digest(point, dayStartUs) } satisfies DigestRow;
      }
    },
  };
}

function tierOf(state: TierState): TierEvidence {
  return {
    name: state.name, retentionUs: state.retentionMs === null ? null : state.retentionMs * 1000,
    floorUs: async (point) => state.floor(point),
    facts: async function* (point) {
      yield state.rows(point).flatMap(factsOf);
    },
    points: async function* () {
      yield* state.keys();
    },
  };
}

function factsOf({ instantUs, facts }: Row): TierFact[] {
  return [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([variable, [greatest]]) => {
    const { fact: { value, flag, reasons }, authority, knownAtUs } = greatest as Revised;
    return { instantUs, variable, value, flag, reasons, authority, knownAtUs };
  });
}

/** The raw archive alone: a log that holds nothing stands behind it, so that a hole is one. */
async function* archived(world: World, ports: SimulatedPorts, codec: Codec): AsyncGenerator<readonly ArchivedReading[]> {
  const empty = { read: async () => Promise.reject(new Error("the archive does not reach so far")) } as unknown as SimulatedPorts["log"];
  for (const { partition, nextOffset } of world.log.topic(topics.readings).partitions) {
    let read = 0;
    for await (const records of replayRecords({ segments: ports.segments, log: empty, topic: topics.readings, partition, fromOffset: 0, toOffset: nextOffset })) {
      read += records.length;
      yield records.map(({ value }) => {
        const decoded = codec.decode("Reading", value);
        if (!decoded.ok) throw new Error(`an archived reading cannot be decoded: ${decoded.why}`);
        const { client, device, samples, raw, rawSha256 } = decoded.value;
        const hash = createHash("sha256").update(raw).digest();
        return { client, device, samples, rawSha256: hash.toString("hex"), isWhole: hash.equals(rawSha256) };
      });
    }
    if (read !== nextOffset) throw new Error(`the archive holds ${read} records of partition ${partition}, the log had ${nextOffset}`);
  }
}

async function* parked(world: World, codec: Codec): AsyncGenerator<readonly ParkedEvent[]> {
  const seen = new Set<string>();
  for (const { records } of world.log.topic(topics.parked).partitions) {
    for (const { value } of records) {
      const decoded = codec.decode("Parked", value);
      if (!decoded.ok) throw new Error(`a parked record cannot be decoded: ${decoded.why}`);
      const { eventId, client, device, group, reason, value: bytes } = decoded.value;
      // A batch that was sent again carries the same id: who reads the topic sees each once.
      if (seen.has(eventId)) continue;
      seen.add(eventId);
      yield [{ eventId, client, device, group, reason, rawSha256: createHash("sha256").update(bytes).digest("hex") }];
    }
  }
}

async function* buckets(documents: Documents, point: PointKey, span: TimeSpan): AsyncGenerator<readonly RollupBucket[]> {
  const store = await RollupStore.open(documents);
  for (const name of ["15m", "1h", "1d"] as const satisfies readonly RollupLevel[]) {
    const level = levels[name];
    const periods = new Set<number>();
    for (let at = level.periodAt(span.fromUs); at.fromUs < span.toUs; at = level.periodAt(at.toUs)) periods.add(at.fromUs);
    for (const [period, { table }] of await store.tables(point, level, [...periods])) {
      for (const [variable, column] of table) {
        yield column.flatMap((bucket, slot) => (bucket === undefined ? [] : [{ variable, level: name, fromUs: period + slot * level.stepUs, ...bucket }]));
      }
    }
  }
}

async function pending(documents: Documents, { point }: PointKey): Promise<readonly TimeSpan[]> {
  const stored = await (await MarkStore.open(documents)).get(systemScope, point);
  return (stored?.body.marks ?? []).map(([from, to]) => ({ fromUs: from * QUARTER_US, toUs: to * QUARTER_US })).sort((a, b) => a.fromUs - b.fromUs);
}
