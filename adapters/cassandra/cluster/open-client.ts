import { readFile } from "node:fs/promises";
import { CaudalError, type Tell } from "@caudal/core";
import { auth, Client, policies, types, type ClientOptions } from "cassandra-driver";
import type { ClusterAddress } from "./cluster-url.ts";
import { failureOf } from "./failure.ts";
import { lookOnceAtATime } from "./one-look-at-a-time.ts";

/** A connected client of the driver, and how to be rid of it. */
export interface OpenClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** What the driver's hosts can do beside what it says of them. */
interface DriverHost {
  readonly address: string;
  shutdown(waits: boolean): Promise<void>;
}

/** Milliseconds that one try of a request may take. */
export const ATTEMPT_MS = 5000;

/** After so long, a host that the driver made while it was shut down has the connection that it was made for. */
const SETTLE_MS = 500;

/** Microseconds that each write of a process carries, all different and growing, whichever client of the driver sends it. */
export type WriteTimes = policies.timestampGeneration.TimestampGenerator;

/** Fails with "unavailable" or "setting". */
export async function openClient(address: ClusterAddress, times: WriteTimes, tell: Tell | undefined): Promise<OpenClient> {
  const client = new Client(await optionsOf(address, times));
  lookOnceAtATime(client);
  // When all hosts were lost, the driver makes new ones and leaves the old ones connecting for ever, even after it was shut down itself; it may
  // also be about to make one when it is shut down.
  const hosts = new Set<DriverHost>();
  let isClosed = false;
  const note = (host: DriverHost): void => {
    hosts.add(host);
    if (isClosed) setTimeout(() => void host.shutdown(false).catch(() => undefined), SETTLE_MS).unref();
  };
  client.on("hostAdd", note);
  client.on("hostRemove", note);
  client.on("hostDown", (host: DriverHost) => tell?.("cassandra.host-down", { host: host.address }));
  client.on("hostUp", (host: DriverHost) => tell?.("cassandra.host-up", { host: host.address }));
  const close = async (): Promise<void> => {
    client.hosts?.forEach((host) => note(host as unknown as DriverHost));
    isClosed = true;
    await client.shutdown();
    await Promise.all(Array.from(hosts, (host) => host.shutdown(false)));
  };
  try {
    await client.connect();
    return { client, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw failureOf(error, address.shown);
  }
}

async function optionsOf({ contactPoints, credentials, dataCenter, tls }: ClusterAddress, times: WriteTimes): Promise<ClientOptions> {
  return {
    contactPoints: [...contactPoints],
    // What the servers' own tables name without a port listens on the first contact point's.
    protocolOptions: { port: Number(contactPoints[0]?.slice(contactPoints[0].lastIndexOf(":") + 1)) },
    ...(credentials === undefined ? {} : { authProvider: new auth.PlainTextAuthProvider(credentials.username, credentials.password) }),
    ...(tls === undefined ? {} : { sslOptions: await filesOf(tls) }),
    // Without this the driver takes a bigint for a varint and the server refuses its length, or keeps another number.
    encoding: { useBigIntAsLong: true },
    policies: {
      // The data centre is named here alone: as `localDataCenter` a wrong one would leave a socket open that nobody can close.
      loadBalancing: new policies.loadBalancing.TokenAwarePolicy(new policies.loadBalancing.DCAwareRoundRobinPolicy(dataCenter)),
      // The default waits up to ten minutes for a host that was away.
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(100, 2000, false),
      retry: new policies.retry.FallthroughRetryPolicy(),
      timestampGeneration: times,
      speculativeExecution: new policies.speculativeExecution.NoSpeculativeExecutionPolicy(),
    },
    socketOptions: { connectTimeout: 3000, readTimeout: ATTEMPT_MS },
    queryOptions: {
      prepare: true, isIdempotent: true, consistency: types.consistencies.localQuorum, serialConsistency: types.consistencies.localSerial,
    },
  };
}

async function filesOf(tls: NonNullable<ClusterAddress["tls"]>): Promise<NonNullable<ClientOptions["sslOptions"]>> {
  const read = async (name: "ca" | "cert" | "key"): Promise<Record<string, Buffer>> => {
    const path = tls[name];
    if (path === undefined) return {};
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new CaudalError("setting", `the file ${path}, named by ${name}= in the URL of Cassandra, cannot be read`, { cause: error });
    });
    return { [name]: bytes };
  };
  return { rejectUnauthorized: true, ...(await read("ca")), ...(await read("cert")), ...(await read("key")) };
}
