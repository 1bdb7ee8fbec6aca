import type { EngineName } from "./engine.ts";

/**
 * How a Java server compiles: `quick` halves its start and is right for tests; `full` is what a benchmark measures.
 */
export type Jit = "quick" | "full";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One server process as its configuration needs it. */
export interface NodeSettings {
  /** 1, 2, 3. */
  readonly id: number;
  readonly host: string;
  /** The port that clients use. */
  readonly port: number;
  /** Ports for the servers among themselves, by the names that `Server.morePorts` lists. */
  readonly morePorts: Readonly<Record<string, number>>;
  /** Where clients are told to find it, when that is not its own address: a proxy in front of it. */
  readonly advertised?: Address;
  /** Absolute; data, configuration and log are below it. */
  readonly folder: string;
}

/** Where clients find a node. */
export function clientAddress({ host, port, advertised }: NodeSettings): Address {
  return advertised ?? { host, port };
}

/** `host:port` of each node as clients are told, between commas. */
export function clientHosts(nodes: readonly NodeSettings[]): string {
  return nodes.map((node) => `${clientAddress(node).host}:${clientAddress(node).port}`).join(",");
}

/** All nodes of one engine. */
export interface ClusterSettings {
  readonly nodes: readonly NodeSettings[];
  readonly jit: Jit;
  readonly files: ServerFiles;
}

/** The program of a server, found on this machine or fetched. */
export interface ServerFiles {
  /** As "Kafka 4.3.1 (Maven)". */
  readonly what: string;
  /** An executable, or for a Java server the folder of its jars. */
  readonly path: string;
  /** Set for the process besides our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the fetch cost; undefined where the server was on the machine. */
  readonly fetched?: FetchCost;
}

/** What a fetch cost when it was done. */
export interface FetchCost {
  readonly seconds: number;
  /** On disk, as unpacked. */
  readonly megabytes: number;
}

/** What a fetch is expected to cost, said before it starts. */
export interface FetchEstimate {
  readonly downloadMb: number;
  readonly seconds: number;
}

/** A program with its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How one kind of server is had, started and asked. */
export interface Server {
  readonly name: EngineName;
  /** Of the first node; the others follow by `portStep`, or have the same on an address of their own where that is 0. */
  readonly defaultPort: number;
  readonly portStep: number;
  readonly nodeCounts: readonly number[];
  readonly morePorts: readonly string[];
  /** Resident memory of a node under the tests' load, as measured, rounded up. */
  readonly memoryMb: number;
  readonly estimate: FetchEstimate;
  /** What is on this machine or in the cache already; undefined when a fetch is needed. */
  find(): ServerFiles | undefined;
  /** Throws an `EngineFailure` that names the next step. */
  fetch(): Promise<ServerFiles>;
  /** Writes configuration, and formats the data folder where that is still to be done. */
  prepare(node: NodeSettings, cluster: ClusterSettings): Promise<void>;
  command(node: NodeSettings, cluster: ClusterSettings): Command;
  /** Asks the server itself whether it serves. A rejection counts as no. */
  answers(node: NodeSettings, cluster: ClusterSettings): Promise<boolean>;
  /** Run when every node answers: makes one cluster of them and waits for it. Safe to repeat. */
  join?(cluster: ClusterSettings): Promise<void>;
  /** As Caudal's settings take it; `within` names a database or keyspace where the engine has them. */
  url(nodes: readonly NodeSettings[], within?: string): string;
}
