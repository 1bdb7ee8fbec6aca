import { Client, types } from "cassandra-driver";
import type { Measurement } from "@caudal/schemas";

const MINUTE_US = 60_000_000;
export const MONTH_US = Date.UTC(2026, 2, 1) * 1000;

/** A reading a minute of one logger: flow, level and total, as they are written with two or three decimals. */
export function measurementOf(point: string, minute: number, startUs = MONTH_US): Measurement {
  const instantUs = startUs + minute * MINUTE_US;
  const flow = Math.round(500 + Math.sin(minute / 90) * 180 + ((minute * 7919) % 13)) / 100;
  const values = { flow, level: Math.round(2000 + Math.sin(minute / 500) * 200 + ((minute * 104_729) % 11)) / 100, total: Math.round(minute * 301.7) / 1000 };
  return {
    eventId: `${point}/${minute}`, client: "bench", point, device: "", channel: "", source: "bench", transport: "bench", instantUs, observedAtUs: null,
    receivedAtUs: instantUs, authority: 0, knownAtUs: instantUs + 1_234_567 + ((minute * 7919) % 900_000), causeId: "", labels: {},
    facts: Object.entries(values).map(([variable, value]) => ({ variable, value, flag: 1, reasons: [] })),
  };
}

/** The URL of a keyspace of the benchmark's own on the server. */
export function keyspaceUrl(serverUrl: string, keyspace: string): string {
  const [server, search] = serverUrl.split("?");
  return `${server!.replace(/\/$/, "")}/${keyspace}${search === undefined ? "" : `?${search}`}`;
}

/** The driver as it comes, with prepared statements and the consistency that the tier has. */
export async function bareClient(serverUrl: string): Promise<Client> {
  const { host, searchParams } = new URL(serverUrl);
  const client = new Client({
    contactPoints: [host], localDataCenter: searchParams.get("dc") ?? "datacenter1", encoding: { useBigIntAsLong: true },
    queryOptions: { prepare: true, consistency: types.consistencies.localQuorum }, socketOptions: { readTimeout: 60_000 },
  });
  await client.connect();
  return client;
}

/** Makes the keyspace anew. */
export async function freshKeyspace(client: Client, keyspace: string): Promise<void> {
  await dropKeyspace(client, keyspace);
  await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`, [], { prepare: false });
}

export async function dropKeyspace(client: Client, keyspace: string): Promise<void> {
  await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, [], { prepare: false });
}
