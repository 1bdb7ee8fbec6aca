import type { Tables } from "./tables.ts";

/** One change of the schema. What it says stays as it is once it was released: its checksum is kept where it was applied. */
export interface Step {
  readonly id: number;
  readonly about: string;
  /** Each may be run twice: a process may end between any two. */
  readonly statements: (tables: Tables) => readonly string[];
}

/** All steps in order; a new one goes to the end. */
export const steps: readonly Step[] = [
  {
    id: 1,
    about: "facts in partitions of a month or a day, one row a measurement and revision",
    statements: ({ facts }) => [
      `CREATE TABLE IF NOT EXISTS ${facts} (
         client text, point text, span text,
         at bigint, authority smallint, known_at bigint, variables text,
         facts blob,
         PRIMARY KEY ((client, point, span), at, authority, known_at, variables)
       ) WITH CLUSTERING ORDER BY (at ASC, authority DESC, known_at DESC, variables ASC)
         AND compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': '16'}
         AND compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'T4'}
         AND comment = 'What is known of a point: a row is some facts of one instant at one revision.'`,
    ],
  },
  {
    id: 2,
    about: "points: what is known of each, and its newest facts",
    statements: ({ points, spans, clients }) => [
      `CREATE TABLE IF NOT EXISTS ${points} (
         client text, point text,
         era bigint STATIC, floor double STATIC, begun boolean STATIC, days_from bigint STATIC,
         of_era bigint, variable text,
         newest blob,
         PRIMARY KEY ((client, point), of_era, variable)
       ) WITH compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}
         AND comment = 'Floor and width of partitions of a point; the newest fact of each variable, whose write time is its instant.'`,
      `CREATE TABLE IF NOT EXISTS ${spans} (
         client text, point text, span text,
         PRIMARY KEY ((client, point), span)
       ) WITH compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}
         AND comment = 'Partitions that a point has facts in.'`,
      `CREATE TABLE IF NOT EXISTS ${clients} (
         client text, shard tinyint, point text,
         PRIMARY KEY ((client, shard), point)
       ) WITH compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}
         AND comment = 'Points of a client, for erasing.'`,
    ],
  },
  {
    id: 3,
    about: "chunks: settled days packed, all revisions of a day in one",
    statements: ({ chunks }) => [
      `CREATE TABLE IF NOT EXISTS ${chunks} (
         client text, point text, month text, day bigint,
         fence bigint, chunk blob,
         PRIMARY KEY ((client, point, month), day)
       ) WITH compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': '16'}
         AND compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'T4'}
         AND comment = 'Packed days of a point. Rows of facts written up to the fence are in the chunk or about to be.'`,
    ],
  },
  {
    id: 4,
    about: "chunks compressed by Zstandard: what the packing leaves to be found between days",
    statements: ({ chunks }) => [`ALTER TABLE ${chunks} WITH compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': '16'}`],
  },
];
