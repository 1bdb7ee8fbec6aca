import { createHash, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { CaudalError, hasCode, type Tell } from "@caudal/core";
import type { Cluster } from "../cluster/cluster.ts";
import { steps, type Step } from "./steps.ts";
import { tablesOf, type Tables } from "./tables.ts";

/** A process that ended in the middle holds the lock for so long. */
const LOCK_SECONDS = 60;
const WAIT_MS = 90_000;
const POLL_MS = 250;

/**
 * Brings the schema to where this version has it: makes the keyspace when it is missing, then applies the steps that were not, in order, one
 * process at a time. Fails with "setting" where a step was applied with other words than it has now.
 */
export async function migrate(cluster: Cluster, tables: Tables, tell: Tell | undefined): Promise<void> {
  if ((await missingIfAny(cluster, tables)).length === 0) return;
  await makeKeyspace(cluster, tell);
  // Whether these are there is not asked before: what the schema's own tables say, the server may not know for some milliseconds yet.
  await cluster.changeSchema(`CREATE TABLE IF NOT EXISTS ${tables.migrations} (id int PRIMARY KEY, about text, checksum text, applied_at timestamp)`);
  await cluster.changeSchema(`CREATE TABLE IF NOT EXISTS ${tables.migrationLock} (id int PRIMARY KEY, owner text)`);
  const owner = randomUUID();
  await lock(cluster, tables, owner);
  try {
    for (const step of await missing(cluster, tables)) {
      for (const statement of step.statements(tables)) await cluster.changeSchema(statement);
      await cluster.query({
        query: `INSERT INTO ${tables.migrations} (id, about, checksum, applied_at) VALUES (?, ?, ?, ?)`, params: [step.id, step.about, checksumOf(step), new Date()],
      });
      tell?.("cassandra.migrated", { step: step.id, about: step.about }, "info");
    }
  } finally {
    await cluster.query({ query: `DELETE FROM ${tables.migrationLock} WHERE id = 0 IF owner = ?`, params: [owner] });
  }
}

async function makeKeyspace(cluster: Cluster, tell: Tell | undefined): Promise<void> {
  const { keyspace, dataCenter, replication } = cluster.address;
  const found = await cluster.query({ query: "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", params: [keyspace] });
  if (found.length > 0) return;
  // A data centre's name comes from the URL and stands in quotes here.
  const dc = dataCenter.replaceAll("'", "''");
  await cluster.changeSchema(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${dc}': ${replication}}`);
  tell?.("cassandra.keyspace-made", { keyspace, dataCenter, replication }, "info");
}

/** As `missing`; all where there is no keyspace or no table of steps yet, which the server answers as a bad request. */
async function missingIfAny(cluster: Cluster, tables: Tables): Promise<readonly Step[]> {
  try {
    return await missing(cluster, tables);
  } catch (error) {
    if (hasCode(error, "bad-request")) return steps;
    throw error;
  }
}

/** Steps that were not applied yet. */
async function missing(cluster: Cluster, tables: Tables): Promise<readonly Step[]> {
  const rows = await cluster.query({ query: `SELECT id, checksum FROM ${tables.migrations}`, params: [] });
  const applied = new Map(rows.map((row) => [row["id"] as number, row["checksum"] as string]));
  for (const step of steps) {
    const checksum = applied.get(step.id);
    if (checksum === undefined || checksum === checksumOf(step)) continue;
    throw new CaudalError("setting", `step ${step.id} of ${tables.migrations} was applied by a version that says something else; use the version that made this keyspace, or another keyspace`);
  }
  return steps.filter(({ id }) => !applied.has(id));
}

async function lock(cluster: Cluster, tables: Tables, owner: string): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS;
  while (performance.now() < giveUpAt) {
    const [answer] = await cluster.query({ query: `INSERT INTO ${tables.migrationLock} (id, owner) VALUES (0, ?) IF NOT EXISTS USING TTL ${LOCK_SECONDS}`, params: [owner] });
    // A try whose answer was lost may have been applied.
    if (answer?.["[applied]"] === true || answer?.["owner"] === owner) return;
    await wait(POLL_MS);
  }
  throw new CaudalError("unavailable", `another process has been changing the schema of ${tables.facts} for ${WAIT_MS / 1000} s; try again when it ended`);
}

/** Of what the step says, whatever the keyspace is called and however its lines are broken. */
function checksumOf(step: Step): string {
  const text = step.statements(tablesOf("keyspace", "cold")).map((statement) => statement.replaceAll(/\s+/g, " ").trim()).join(";");
  return createHash("sha256").update(text).digest("hex");
}
