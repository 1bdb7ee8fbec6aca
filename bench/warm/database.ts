import { MongoClient, type Collection, type Db, type Document } from "mongodb";
import type { BenchContext } from "../harness/benchmark.ts";

/** As the tier makes its own: no index beside the documents, and zstd. */
export const clustered = { clusteredIndex: { key: { _id: 1 }, unique: true }, storageEngine: { wiredTiger: { configString: "block_compressor=zstd" } } };

export interface BenchDatabase {
  readonly database: Db;
  /** Of the database, for the tier. */
  readonly url: string;
}

/** A database of its own, dropped at the end; writes wait for the majority and its journal, as the tier's do. */
export async function openDatabase(context: BenchContext, name: string): Promise<BenchDatabase> {
  const { url } = context.engine("mongo");
  const client = new MongoClient(url, { maxPoolSize: 16, writeConcern: { w: "majority", journal: true }, readConcern: { level: "majority" }, promoteBuffers: true });
  await client.connect();
  const database = client.db(`caudal-bench-${name}-${process.pid}`);
  await database.dropDatabase();
  context.closing(async () => {
    await database.dropDatabase();
    await client.close();
  });
  return { database, url: url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)(?:\/[^?]*)?/u, `$1/${database.databaseName}`) };
}

export async function makeCollection<T extends Document>(database: Db, name: string): Promise<Collection<T>> {
  await database.dropCollection(name).catch(() => undefined);
  return database.createCollection<T>(name, clustered);
}

/** Bytes on disk of the collections whose names begin so, indexes included, without what their files keep free for later. */
export async function bytesOnDisk(database: Db, prefix: string): Promise<number> {
  await database.admin().command({ fsync: 1 });
  let bytes = 0;
  for (const { name } of await database.listCollections().toArray()) {
    if (!name.startsWith(prefix)) continue;
    const { storageSize, freeStorageSize, totalIndexSize } = (await database.command({ collStats: name })) as Record<string, number>;
    bytes += (storageSize ?? 0) - (freeStorageSize ?? 0) + (totalIndexSize ?? 0);
  }
  return bytes;
}
