import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { EngineFailure } from "../failure.ts";
import { cached } from "../provision/cache.ts";
import type { Cached } from "../provision/cache.ts";
import { findJava, javaOptions } from "../provision/java.ts";
import { fetchJars } from "../provision/maven.ts";
import { clientHosts, type ClusterSettings, type NodeSettings, type Server, type ServerFiles } from "../server.ts";
import { kafkaLogging, kafkaProperties } from "./kafka-files.ts";

const version = "4.3.1";
/** Of every cluster of ours: what identifies one is its folder. */
const clusterId = "Y2F1ZGFsLWVuZ2luZXMtMQ";
const formatLimitMs = 60_000;
const joinLimitMs = 60_000;
const pollMs = 100;
const run = promisify(execFile);

function fromCache({ folder, cost }: Cached): ServerFiles {
  return { what: `Kafka ${version} (Maven)`, path: join(folder, "lib"), fetched: cost };
}

function java(node: NodeSettings, { jit, files }: ClusterSettings, heapMb: number): string[] {
  return [
    ...javaOptions({ heapMb, jit, temporary: join(node.folder, "tmp") }),
    `-Dlog4j2.configurationFile=${join(node.folder, "log4j2.xml")}`, "-cp", join(files.path, "*"),
  ];
}

async function prepare(node: NodeSettings, cluster: ClusterSettings): Promise<void> {
  const properties = join(node.folder, "server.properties");
  mkdirSync(join(node.folder, "tmp"), { recursive: true });
  writeFileSync(properties, kafkaProperties(node, cluster));
  writeFileSync(join(node.folder, "log4j2.xml"), kafkaLogging);
  const data = join(node.folder, "data");
  if (existsSync(join(data, "meta.properties"))) return;
  rmSync(data, { recursive: true, force: true });
  // A single node is its own quorum; those of three are voters by their properties.
  const alone = cluster.nodes.length === 1 ? ["--standalone"] : [];
  const format = ["kafka.tools.StorageTool", "format", "-t", clusterId, "-c", properties, ...alone];
  await run(findJava(), [...java(node, { ...cluster, jit: "quick" }, 128), ...format], { cwd: node.folder, timeout: formatLimitMs });
}

/** The ids of the brokers that this node knows to serve. */
async function brokers({ host, port }: NodeSettings): Promise<number[]> {
  // Loaded when a broker is asked, as the other engines' clients: most commands and tests ask none.
  const { Kafka, logLevel } = await import("kafkajs");
  const client = new Kafka({
    clientId: "caudal-engines",
    brokers: [`${host}:${port}`],
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = client.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId);
  } finally {
    await admin.disconnect();
  }
}

async function joined({ nodes }: ClusterSettings): Promise<void> {
  const untilMs = performance.now() + joinLimitMs;
  for (;;) {
    const seen = await Promise.all(nodes.map((node) => brokers(node).catch(() => [])));
    if (seen.every((ids) => ids.length === nodes.length)) return;
    if (performance.now() > untilMs) throw new EngineFailure("The Kafka brokers did not find each other.", "See their logs: npm run engines -- logs kafka.");
    await delay(pollMs);
  }
}

/** KRaft nodes that are broker and controller at once: one, or three with three replicas and two in sync. */
export const kafka: Server = {
  name: "kafka",
  defaultPort: 9092,
  portStep: 2,
  nodeCounts: [1, 3],
  morePorts: ["controller"],
  memoryMb: 350,
  estimate: { downloadMb: 44, seconds: 30 },
  find: () => {
    const there = cached(`kafka-${version}`);
    return there && fromCache(there);
  },
  fetch: async () => fromCache(await fetchJars("kafka", version)),
  prepare,
  command: (node, cluster) => ({
    program: findJava(),
    args: [...java(node, cluster, 512), "kafka.Kafka", join(node.folder, "server.properties")],
  }),
  answers: async (node) => (await brokers(node)).includes(node.id),
  join: joined,
  url: (nodes) => {
    const copies = nodes.length > 1 ? `?replication=${nodes.length}&minInSync=2` : "";
    return `kafka://${clientHosts(nodes)}${copies}`;
  },
};
