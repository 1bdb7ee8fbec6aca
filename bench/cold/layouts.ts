import type { Measurement } from "@caudal/schemas";
import { encodeFacts } from "../../adapters/cassandra/series/fact-cell.ts";

export interface BareStatement {
  readonly query: string;
  readonly params: unknown[];
}

/** One way of laying facts out in a table of Cassandra. */
export interface Layout {
  readonly name: string;
  readonly table: string;
  /** Behind `CREATE TABLE <table>`. */
  readonly definition: string;
  /** The statements that write one measurement into a partition. */
  statements(table: string, span: string, measurement: Measurement): BareStatement[];
}

const zstd = "compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': '16'} AND compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'T4'}";

/** What the tier does: a row a measurement, the facts in one cell, the variables' names in the key. */
export const packedRow: Layout = {
  name: "a row a measurement, facts in one cell",
  table: "packed",
  definition: `(client text, point text, span text, at bigint, authority smallint, known_at bigint, variables text, facts blob,
    PRIMARY KEY ((client, point, span), at, authority, known_at, variables))
    WITH CLUSTERING ORDER BY (at ASC, authority DESC, known_at DESC, variables ASC) AND ${zstd}`,
  statements: (table, span, { client, point, instantUs, authority, knownAtUs, facts }) => [{
    query: `INSERT INTO ${table} (client, point, span, at, authority, known_at, variables, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [client, point, span, BigInt(instantUs), authority, BigInt(knownAtUs), JSON.stringify(facts.map(({ variable }) => variable)), encodeFacts(facts)],
  }],
};

const rowPerFact: Layout = {
  name: "a row a fact",
  table: "per_fact",
  definition: `(client text, point text, span text, at bigint, variable text, authority smallint, known_at bigint, value double, flag smallint, reasons text,
    PRIMARY KEY ((client, point, span), at, variable, authority, known_at))
    WITH CLUSTERING ORDER BY (at ASC, variable ASC, authority DESC, known_at DESC) AND ${zstd}`,
  statements: (table, span, { client, point, instantUs, authority, knownAtUs, facts }) => facts.map(({ variable, value, flag }) => ({
    query: `INSERT INTO ${table} (client, point, span, at, variable, authority, known_at, value, flag) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [client, point, span, BigInt(instantUs), variable, authority, BigInt(knownAtUs), value, flag],
  })),
};

const mapColumn: Layout = {
  name: "a row a measurement, facts in a map",
  table: "in_map",
  definition: `(client text, point text, span text, at bigint, authority smallint, known_at bigint, facts map<text, blob>,
    PRIMARY KEY ((client, point, span), at, authority, known_at))
    WITH CLUSTERING ORDER BY (at ASC, authority DESC, known_at DESC) AND ${zstd}`,
  statements: (table, span, { client, point, instantUs, authority, knownAtUs, facts }) => [{
    query: `UPDATE ${table} SET facts = facts + ? WHERE client = ? AND point = ? AND span = ? AND at = ? AND authority = ? AND known_at = ?`,
    params: [Object.fromEntries(facts.map((fact) => [fact.variable, encodeFacts([fact])])), client, point, span, BigInt(instantUs), authority, BigInt(knownAtUs)],
  }],
};

export const otherLayouts: readonly Layout[] = [rowPerFact, mapColumn];
