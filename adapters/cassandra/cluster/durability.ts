import type { Tell } from "@caudal/core";
import type { Cluster } from "./cluster.ts";

/**
 * Warns where one server that ends may lose what was acknowledged: `commitlog_sync: periodic`, Cassandra's default, answers up to ten seconds before
 * the disk has it, which only copies on other servers make good. Says nothing where the server does not tell.
 */
export async function tellDurability(cluster: Pick<Cluster, "query" | "address">, tell: Tell): Promise<void> {
  try {
    const rows = await cluster.query({ query: "SELECT value FROM system_views.settings WHERE name = ?", params: ["commitlog_sync"] });
    const [keyspace] = await cluster.query({ query: "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?", params: [cluster.address.keyspace] });
    const copies = Number((keyspace?.["replication"] as Readonly<Record<string, string>> | undefined)?.[cluster.address.dataCenter]);
    if (rows[0]?.["value"] !== "periodic" || copies >= 3) return;
    tell("cassandra.may-lose", { commitlogSync: "periodic", copies, advice: "set commitlog_sync: group (or batch), or keep three copies" });
  } catch {
    // A user without the right to read it still writes and reads facts.
  }
}
