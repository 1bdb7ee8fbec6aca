import { cpuOfOurs, figure, measured, readBaselines, type Baselines, type Measured, type Otherwise, type Place } from "./measured.ts";

/** One row of what the computation begins with. */
interface CostRow {
  readonly says: string;
  readonly unit: string;
  readonly from?: Place;
  readonly otherwise: Otherwise;
}

const EARLIER = "bench/RESULTS.md of 2026-11-22 and 23, no baseline yet";

/** Facts packed one day after the other, three of them a measurement, taken as one core's work of both sides. */
const packedRate = figure("cold-packing", "facts packed");
const packed: Place = { ...packedRate, take: (baseline) => timeOf(packedRate.take(baseline), 3) };

/** Microseconds of so many at a rate a second. */
function timeOf(perS: number | undefined, many: number): number | undefined {
  return perS === undefined ? undefined : (1e6 * many) / perS;
}

const intakeRate = figure("mqtt-intake-kafka", "ours, from Mosquitto into Kafka: messages a CPU second");
const intake: Place = { ...intakeRate, take: (baseline) => timeOf(intakeRate.take(baseline), 1) };

/**
 * What a reading of three values costs where points send one every minutes: a batch holds one reading of a point, so nothing is saved by runs of one point. CPU microseconds
 * are of one core of the machine that the baselines name.
 */
const rows = {
  intakeUs: { says: "MQTT in, record made, published to Kafka, acknowledged", unit: "µs", from: intake, otherwise: { value: 86, source: "assumed: twice what mqtt.js takes by itself, some 43 µs a message; mqtt-intake-kafka tells the ratio" } },
  processUs: { says: "mapping, judging, totals", unit: "µs", from: cpuOfOurs("processor", "readings to measurements", "client"), otherwise: { value: 60, source: "assumed, no baseline of processor yet" } },
  publishUs: { says: "a record published by us", unit: "µs", from: cpuOfOurs("kafka-log", "publish, 500 records a call, one call at a time", "client"), otherwise: { value: 5.59, source: EARLIER } },
  kafkaPublishUs: { says: "the same, on Kafka", unit: "µs", from: cpuOfOurs("kafka-log", "publish, 500 records a call, one call at a time", "kafka"), otherwise: { value: 4.08, source: EARLIER } },
  consumeUs: { says: "a record consumed by us", unit: "µs", from: cpuOfOurs("kafka-log", "consume, zstd", "client"), otherwise: { value: 0.628, source: EARLIER } },
  kafkaConsumeUs: { says: "the same, on Kafka", unit: "µs", from: cpuOfOurs("kafka-log", "consume, zstd", "kafka"), otherwise: { value: 0.069, source: EARLIER } },
  stateUs: { says: "a state stored, by us", unit: "µs", from: cpuOfOurs("mongo-documents", "put over what is there, 500 a call", "client"), otherwise: { value: 14.9, source: EARLIER } },
  mongoStateUs: { says: "the same, on MongoDB", unit: "µs", from: cpuOfOurs("mongo-documents", "put over what is there, 500 a call", "mongo"), otherwise: { value: 69.2, source: EARLIER } },
  hotUs: { says: "hot: one new row of a point, by us", unit: "µs", from: cpuOfOurs("redis-write", "one new row a point, 166 points a batch", "client"), otherwise: { value: 18.9, source: EARLIER } },
  redisUs: { says: "the same, on Redis", unit: "µs", from: cpuOfOurs("redis-write", "one new row a point, 166 points a batch", "redis"), otherwise: { value: 10.3, source: EARLIER } },
  warmUs: { says: "warm: one reading of each point, by us", unit: "µs", from: cpuOfOurs("warm-write", "a reading of each of 1,000 points a batch", "client"), otherwise: { value: 7.76, source: EARLIER } },
  mongoWarmUs: { says: "the same, on MongoDB", unit: "µs", from: cpuOfOurs("warm-write", "a reading of each of 1,000 points a batch", "mongo"), otherwise: { value: 6.36, source: EARLIER } },
  coldUs: { says: "cold: one measurement of each point, by us", unit: "µs", from: cpuOfOurs("cold-write", "500 points, one measurement each", "client"), otherwise: { value: 108, source: EARLIER } },
  cassandraUs: { says: "the same, on one replica of Cassandra", unit: "µs", from: cpuOfOurs("cold-write", "500 points, one measurement each", "cassandra"), otherwise: { value: 260, source: "assumed: two single inserts of 130 µs; the kept run did not see the server's CPU" } },
  hotBytes: { says: "hot: memory of Redis a measurement", unit: "bytes", from: figure("redis-write", "memory of Redis a row, ours"), otherwise: { value: 13.8, source: EARLIER } },
  warmBytes: { says: "warm: on disk a measurement, live", unit: "bytes", from: figure("bytes-per-measurement", "MongoDB live, log and buckets as they stand"), otherwise: { value: 18.6, source: "docs/adr/0009, no baseline yet" } },
  coldRowBytes: { says: "cold: on disk a measurement, as rows", unit: "bytes", from: figure("bytes-per-measurement", "Cassandra as rows, before packing"), otherwise: { value: 29.6, source: EARLIER } },
  coldBytes: { says: "cold: on disk a measurement, packed", unit: "bytes", from: figure("bytes-per-measurement", "Cassandra packed, all files of all tables"), otherwise: { value: 6.96, source: EARLIER } },
  embeddedBytes: { says: "cold, embedded: on disk a measurement", unit: "bytes", from: figure("bytes-per-measurement", "embedded cold, all pages in use"), otherwise: { value: 6.84, source: "docs/adr/0018, no baseline yet" } },
  recordBytes: { says: "a record in Kafka, zstd", unit: "bytes", from: figure("kafka-log", "stored and sent, 80 records a batch, zstd"), otherwise: { value: 48.1, source: EARLIER } },
  embeddedUs: { says: "embedded, all stages and tiers, at 100,000 points", unit: "µs", from: figure("full-path-embedded", "100,000 points: CPU a reading"), otherwise: { value: 150, source: "assumed from the target: 10,000 readings/s on two cores with the publisher" } },
  enginesUs: { says: "for comparison: all our processes on the engines, runs of one point in each batch", unit: "µs", from: figure("full-path-engines", "Caudal: CPU a reading, its processes"), otherwise: { value: Number.NaN, source: "no baseline of full-path-engines yet; nothing is computed from it" } },
  rawBytes: { says: "a raw reading in the archive", unit: "bytes", otherwise: { value: 90, source: "assumed: 32 bytes of SHA-256, the payload compressed in its segment" } },
  rollupUs: { says: "rollups, archive and the other groups, by us", unit: "µs", otherwise: { value: 20, source: "assumed: no benchmark of its own" } },
  packUs: { says: "a measurement packed in cold, both sides", unit: "µs", from: packed, otherwise: { value: 19.1, source: EARLIER } },
  pointBytes: { says: "states and names of a point, stored", unit: "bytes", otherwise: { value: 12_000, source: "assumed: two states of 32 samples a variable, and directory, floors and newest facts of three tiers" } },
} as const satisfies Readonly<Record<string, CostRow>>;

export type CostName = keyof typeof rows;
export type Costs = Readonly<Record<CostName, number>>;

export interface KnownCost extends Measured {
  readonly name: CostName;
  readonly says: string;
  readonly unit: string;
}

/** All rows with what the baselines have of them. */
export function knownCosts(baselines: Baselines = readBaselines(benchmarks())): KnownCost[] {
  return (Object.entries(rows) as [CostName, CostRow][]).map(([name, { says, unit, from, otherwise }]) => ({ name, says, unit, ...measured(baselines, from, otherwise) }));
}

export function costsOf(known: readonly KnownCost[]): Costs {
  return Object.fromEntries(known.map(({ name, value }) => [name, value])) as unknown as Costs;
}

function benchmarks(): Set<string> {
  return new Set(Object.values<CostRow>(rows).flatMap(({ from }) => (from === undefined ? [] : [from.benchmark])));
}
