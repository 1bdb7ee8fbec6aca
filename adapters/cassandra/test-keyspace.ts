import { randomBytes } from "node:crypto";
import { Client } from "cassandra-driver";

/** The URL of a keyspace of its own on a server for tests; it is made by who opens the tier. */
export function testKeyspace(serverUrl: string, name: string): { readonly url: string; readonly keyspace: string } {
  const keyspace = `t_${name}_${randomBytes(4).toString("hex")}`;
  const [server, search] = serverUrl.split("?");
  return { url: `${server!.replace(/\/$/, "")}/${keyspace}${search === undefined ? "" : `?${search}`}`, keyspace };
}

/** A bare client to look behind the tier. */
export async function bareClient(url: string): Promise<Client> {
  const { host, searchParams } = new URL(url);
  const client = new Client({ contactPoints: [host], localDataCenter: searchParams.get("dc") ?? "datacenter1", encoding: { useBigIntAsLong: true }, socketOptions: { readTimeout: 30_000 } });
  await client.connect();
  return client;
}

export async function dropKeyspace(url: string, keyspace: string): Promise<void> {
  const client = await bareClient(url);
  try {
    await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
  } finally {
    await client.shutdown();
  }
}
