import { assumptions as a } from "./assumptions.ts";
import type { Costs } from "./costs.ts";

export interface Fleet {
  readonly points: number;
  readonly intervalS: number;
}

/** So many machines of one kind for one part, with disks. */
export interface Machines {
  readonly count: number;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Of all of them together. */
  readonly diskGb: number;
}

export const parts = ["services", "Kafka", "Redis", "MongoDB", "Cassandra", "archive"] as const;
export type Part = (typeof parts)[number];

export interface Plan {
  readonly readingsPerS: number;
  readonly peakPerS: number;
  /** Installations that the fleet is divided over. */
  readonly cells: number;
  /** What asks for so many. */
  readonly cellsBy: Readonly<Record<"Redis, memory" | "Redis, its one core" | "MongoDB, its primary", number>>;
  readonly partitionsACell: number;
  readonly machines: Readonly<Record<Part, Machines>>;
  /** US dollars a month. */
  readonly money: number;
}

const US = 1e6;
const DAY_S = 86_400;
const GIB = 2 ** 30;
const GB = 1e9;
const largest = a.machines.at(-1)!;

/** CPU microseconds of a reading, by part; of a store on one of its copies. */
export function cpuOf(c: Costs): Readonly<Record<Part, number>> {
  return {
    // Intake publishes within its own cost; samples and measurements are published on top. Two states (device, point) change with every reading of a slow point.
    services: c.intakeUs + c.processUs + (a.records - 1) * c.publishUs + a.groups * c.consumeUs + 2 * c.stateUs + c.hotUs + c.warmUs + c.coldUs + c.rollupUs + c.packUs / 2,
    // A follower appends what the leader took.
    Kafka: a.records * a.copies * c.kafkaPublishUs + a.groups * c.kafkaConsumeUs,
    Redis: c.redisUs,
    MongoDB: c.mongoWarmUs + 2 * c.mongoStateUs,
    Cassandra: c.cassandraUs + c.packUs / 2,
    // Segments of some MiB: their disks count.
    archive: 0,
  };
}

/** Bytes, all copies together, once the fleet is as old as is planned. */
export function bytesOf({ points, intervalS }: Fleet, c: Costs): { readonly kafka: number; readonly redis: number; readonly mongo: number; readonly cassandra: number; readonly archive: number } {
  const aDay = (points * DAY_S) / intervalS;
  const kept = 365 * a.years;
  return {
    kafka: aDay * a.kafkaDays * (a.records * c.recordBytes + a.hashBytes) * a.copies,
    redis: aDay * a.hotDays * c.hotBytes,
    mongo: (aDay * a.warmDays * c.warmBytes + points * c.pointBytes) * a.copies,
    cassandra: aDay * (a.looseDays * c.coldRowBytes + kept * c.coldBytes) * a.copies,
    archive: aDay * kept * c.rawBytes * a.copies,
  };
}

export function planFleet(fleet: Fleet, costs: Costs): Plan {
  const readingsPerS = fleet.points / fleet.intervalS;
  const peakPerS = readingsPerS * a.peak;
  const cpu = cpuOf(costs);
  const bytes = bytesOf(fleet, costs);
  const cores = (part: Part): number => (peakPerS * cpu[part]) / US / a.fill;
  const redisGiB = bytes.redis / GIB / a.fill;
  const cellsBy = { "Redis, memory": redisGiB / largest.memoryGiB, "Redis, its one core": cores("Redis") / a.redisCores, "MongoDB, its primary": cores("MongoDB") / largest.cores };
  const cells = Math.max(1, Math.ceil(Math.max(...Object.values(cellsBy))));
  const partitionsACell = partitionsFor(fleet.points / cells, (peakPerS * (costs.processUs + 2 * costs.stateUs)) / US / a.fill / cells);
  const processGiB = (cells * partitionsACell * a.partitionMemoryMiB + cells * 6 * a.processMemoryMiB) / 1024 / a.fill;
  const spread = (part: Part, need: { readonly memoryGiB?: number; readonly diskGb?: number; readonly least: number }): Machines => times(cells, spreadOver({ cores: cores(part) / cells, memoryGiB: (need.memoryGiB ?? 0) / cells, least: need.least }), need.diskGb ?? 0);
  const copied = (part: Part, need: { readonly memoryGiB?: number; readonly diskGb?: number; readonly copies: number }): Machines => times(cells, copiesOf({ cores: cores(part) / cells, memoryGiB: (need.memoryGiB ?? 0) / cells, copies: need.copies }), need.diskGb ?? 0);
  const machines: Record<Part, Machines> = {
    services: spread("services", { memoryGiB: processGiB, least: 2 }),
    Kafka: spread("Kafka", { diskGb: bytes.kafka / GB / a.fill, least: a.copies }),
    Redis: copied("Redis", { memoryGiB: redisGiB, copies: a.redisCopies }),
    MongoDB: copied("MongoDB", { diskGb: bytes.mongo / GB / a.fill, copies: a.copies }),
    // Each of the copies takes every write.
    Cassandra: spreadCassandra(cells, cores("Cassandra") * a.copies, bytes.cassandra / GB / a.cassandraFill),
    archive: archiveOf(cells, bytes.archive / GB / a.fill),
  };
  return { readingsPerS, peakPerS, cells, cellsBy, partitionsACell, machines, money: Object.values(machines).reduce((sum, one) => sum + priceOf(one), 0) };
}

/** States of all points must stay in memory, and one partition is one core's work at most. */
export function partitionsFor(points: number, cores: number): number {
  const least = Math.max(a.leastPartitions, points / a.statesPerPartition, cores);
  return Math.ceil(least / a.leastPartitions) * a.leastPartitions;
}

interface Need {
  readonly cores: number;
  readonly memoryGiB: number;
}

type One = Omit<Machines, "diskGb">;

/** The cheapest machines of one size that hold a load which divides. */
function spreadOver({ cores, memoryGiB, least }: Need & { readonly least: number }): One {
  return cheapest(a.machines.map((machine) => ({ ...machine, count: Math.max(least, Math.ceil(cores / machine.cores), Math.ceil(memoryGiB / machine.memoryGiB)) })));
}

/** The smallest machine that holds all of a load, as many times as there are copies. */
function copiesOf({ cores, memoryGiB, copies }: Need & { readonly copies: number }): One {
  return { ...(a.machines.find((machine) => machine.cores >= cores && machine.memoryGiB >= memoryGiB) ?? largest), count: copies };
}

/** A node of less than four cores and 16 GiB is not run. */
function spreadCassandra(cells: number, cores: number, diskGb: number): Machines {
  const fitting = a.machines.filter((machine) => machine.cores >= 4).map((machine) => ({ ...machine, count: Math.max(a.copies, Math.ceil(cores / cells / machine.cores), Math.ceil(diskGb / cells / a.cassandraDiskGb)) }));
  return times(cells, cheapest(fitting), diskGb);
}

/** Replica sets of the smallest machine but one, as many as the disks ask for. */
function archiveOf(cells: number, diskGb: number): Machines {
  const machine = a.machines[1];
  return times(cells, { ...machine, count: a.copies * Math.ceil(diskGb / a.copies / cells / a.archiveDiskGb) }, diskGb);
}

function cheapest(choices: readonly One[]): One {
  return choices.reduce((best, one) => (priceOf({ ...one, diskGb: 0 }) < priceOf({ ...best, diskGb: 0 }) ? one : best));
}

function times(cells: number, { count, cores, memoryGiB }: One, diskGb: number): Machines {
  return { count: count * cells, cores, memoryGiB, diskGb };
}

/** US dollars a month. */
export function priceOf({ count, cores, memoryGiB, diskGb }: Machines): number {
  return count * (cores * a.coreHour + memoryGiB * a.gibHour) * a.hoursMonth + diskGb * a.diskGbMonth;
}
