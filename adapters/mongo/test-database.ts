import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { MongoClient } from "mongodb";

/** URL of a database that no other file uses, on a server whose URL may name one. */
export function databaseUrl(server: string, database = `caudal-test-${randomUUID().slice(0, 8)}`): string {
  return server.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)(?:\/[^?]*)?/u, `$1/${database}`);
}

/** The same, dropped when the file's tests have ended. */
export function droppedDatabaseUrl(server: string): string {
  const url = databaseUrl(server);
  after(async () => {
    const client = await MongoClient.connect(url);
    await client.db().dropDatabase();
    await client.close();
  });
  return url;
}
