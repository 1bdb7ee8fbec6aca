/** What is not measured: how a fleet is laid out, and what machines cost. Each is a plain number to be replaced by one's own. */
export const assumptions = {
  /** Devices report on the minute and come back after outages: what is planned for is so many times the mean. */
  peak: 3,
  /** Share of a core, of memory and of a disk that is planned to be used. */
  fill: 0.6,
  /** Share of Cassandra's disks: compaction writes anew beside what it reads. */
  cassandraFill: 0.5,
  /** Copies of everything in Kafka, MongoDB and Cassandra. */
  copies: 3,
  redisCopies: 2,
  /** Records of a reading in Kafka: the reading, its samples, its measurement. */
  records: 3,
  /** Groups that read one of them each. */
  groups: 9,
  /** Bytes of a reading that no compression takes: its SHA-256. */
  hashBytes: 32,
  kafkaDays: 7,
  hotDays: 3,
  warmDays: 30,
  /** Days that cold holds as rows before they are packed and their removal is compacted. */
  looseDays: 42,
  /** What cold and the archive are planned to hold. */
  years: 3,
  /** States of a partition that stay in memory (processor/consumer-plan.ts), and their bytes for mapping and for judging. */
  statesPerPartition: 20_000,
  partitionMemoryMiB: 48,
  /** Resident memory of a process of the fleet before it knows anything. */
  processMemoryMiB: 250,
  leastPartitions: 6,
  /** What a node's disks may hold in GB. */
  cassandraDiskGb: 4000,
  archiveDiskGb: 16_000,
  /** One Redis and one primary of MongoDB serve an installation, on the largest machine below; a cell is an installation. */
  redisCores: 1,
  /** Cores and GiB of the machines that may be had. */
  machines: [{ cores: 2, memoryGiB: 8 }, { cores: 4, memoryGiB: 16 }, { cores: 8, memoryGiB: 32 }, { cores: 16, memoryGiB: 64 }],
  /** US dollars as round numbers of 2026-11-23, on demand; list prices differ by provider, region and contract, by a factor of two and more. */
  coreHour: 0.04,
  gibHour: 0.005,
  diskGbMonth: 0.08,
  hoursMonth: 730,
} as const;

export const fleets = [
  { points: 100_000, intervalS: 300 }, { points: 100_000, intervalS: 60 }, { points: 10_000_000, intervalS: 300 }, { points: 10_000_000, intervalS: 60 },
] as const;
