import type { SeriesTier, Tell, TierName } from "@caudal/core";
import { Cluster } from "../cluster/cluster.ts";
import { readClusterUrl } from "../cluster/cluster-url.ts";
import { tellDurability } from "../cluster/durability.ts";
import { migrate } from "../migrations/migrate.ts";
import { tablesOf } from "../migrations/tables.ts";
import { DayPacker } from "./day-packer.ts";
import { FactReader } from "./fact-reader.ts";
import { KnownPoints } from "./known-points.ts";
import { PackedDays } from "./packed-days.ts";
import { PointHeads } from "./point-heads.ts";
import { PointWriter } from "./point-writer.ts";
import { Removal } from "./removal.ts";
import { SeriesReads } from "./series-reads.ts";
import { pointStatements } from "./statements.ts";
import { CassandraTier } from "./tier.ts";

export interface CassandraTierOptions {
  /** `cassandra://[user:password@]host:port[,host:port…]/keyspace[?dc=datacenter1&replication=1]`; `cassandras://` with TLS. */
  readonly url: string;
  readonly name: TierName;
  readonly tell?: Tell | undefined;
  /** Milliseconds below which a point's floor lies at its first fact; null, and when absent, keeps for ever. */
  readonly retentionMs?: number | null;
  /** Partitions that one read may touch, else it is refused as "bad-request"; 5,000 when absent: 400 years of months, 13 of days. */
  readonly maxPartitionsPerRead?: number;
  /** Points whose newest facts are remembered, about 1 kB each; 50,000 when absent. */
  readonly maxKnownPoints?: number;
}

/**
 * Opens a tier that keeps every revision on Cassandra, making or bringing up its keyspace and tables first. Fails with "unavailable" when no host answers and
 * with "setting" when the URL, the password, the data centre or the schema that stands there does not fit.
 */
export async function openCassandraTier(options: CassandraTierOptions): Promise<SeriesTier> {
  const { url, name, tell, retentionMs = null, maxPartitionsPerRead = 5000, maxKnownPoints = 50_000 } = options;
  const address = readClusterUrl(url);
  const tables = tablesOf(address.keyspace, name);
  const cluster = await Cluster.connect(address, tell);
  try {
    await migrate(cluster, tables, tell);
    if (tell !== undefined) await tellDurability(cluster, tell);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  const statements = pointStatements(tables);
  const heads = new PointHeads(cluster, statements);
  const points = new KnownPoints(cluster, heads, { maxPoints: maxKnownPoints, retentionUs: retentionMs === null ? Infinity : retentionMs * 1000 });
  const packed = new PackedDays(cluster, statements);
  const reader = new FactReader({ cluster, statements, packed, table: tables.facts });
  return new CassandraTier({
    name, capabilities: { revisions: "all", durable: "always", retentionMs }, cluster, heads, points,
    writer: new PointWriter({ cluster, statements, factTable: tables.facts, reader, packed, heads, points }),
    reads: new SeriesReads(heads, reader, maxPartitionsPerRead),
    packer: new DayPacker({ cluster, statements, packed, reader, heads }),
    removal: new Removal({ cluster, statements, reader, heads }),
  });
}
