import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { EngineFailure } from "../failure.ts";
import { cached } from "../provision/cache.ts";
import type { Cached } from "../provision/cache.ts";
import { findJava, javaOptions } from "../provision/java.ts";
import { fetchJars } from "../provision/maven.ts";
import { clientHosts, type ClusterSettings, type NodeSettings, type Server, type ServerFiles } from "../server.ts";
import { tcpExchange } from "../tcp-exchange.ts";
import { cassandraLogging, cassandraYaml } from "./cassandra-files.ts";
import { cassandraModules } from "./cassandra-modules.ts";

const version = "5.0.9";
/** An OPTIONS frame of the native protocol, version 4; the answer's opcode is SUPPORTED. */
const optionsFrame = Buffer.from("040000000500000000", "hex");
const supported = 0x06;
const joinLimitMs = 90_000;
const pollMs = 200;

function fromCache({ folder, cost }: Cached): ServerFiles {
  return { what: `Cassandra ${version} (Maven)`, path: join(folder, "lib"), fetched: cost };
}

function prepare(node: NodeSettings, cluster: ClusterSettings): Promise<void> {
  mkdirSync(join(node.folder, "tmp"), { recursive: true });
  writeFileSync(join(node.folder, "cassandra.yaml"), cassandraYaml(node, cluster));
  writeFileSync(join(node.folder, "logback.xml"), cassandraLogging);
  return Promise.resolve();
}

function args(node: NodeSettings, { nodes, files, jit }: ClusterSettings): string[] {
  const file = (name: string) => pathToFileURL(join(node.folder, name)).href;
  return [
    "-Djdk.attach.allowAttachSelf=true", ...cassandraModules, "-Dio.netty.tryReflectionSetAccessible=true", "-Djna.nosys=true",
    ...javaOptions({ heapMb: 512, jit, temporary: join(node.folder, "tmp") }), "-Xss512k", "-XX:MaxDirectMemorySize=512m",
    `-Dcassandra.config=${file("cassandra.yaml")}`, `-Dcassandra.storagedir=${join(node.folder, "data")}`, "-Dcassandra-foreground=yes",
    `-Dlogback.configurationFile=${file("logback.xml")}`, `-Dcassandra.jmx.local.port=${node.morePorts["jmx"]}`,
    "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.ring_delay_ms=0", "-Dcassandra.superuser_setup_delay_ms=0",
    "-Dcassandra.shutdown_announce_in_ms=0", "-Dcassandra.test.messagingService.nonGracefulShutdown=true",
    ...(nodes.length > 1 ? ["-Dcassandra.consistent.rangemovement=false"] : []),
    "-cp", join(files.path, "*"), "org.apache.cassandra.service.CassandraDaemon",
  ];
}

/** Waits until each node can read a table of three copies from all three. */
async function joined({ nodes }: ClusterSettings): Promise<void> {
  if (nodes.length === 1) return;
  const untilMs = performance.now() + joinLimitMs;
  for (const node of nodes) {
    while (!(await readsAll(node))) {
      if (performance.now() > untilMs) throw new EngineFailure("The Cassandra nodes did not find each other.", "See their logs: npm run engines -- logs cassandra.");
      await delay(pollMs);
    }
  }
}

async function readsAll({ host, port }: NodeSettings): Promise<boolean> {
  const { Client, types } = (await import("cassandra-driver")).default;
  const client = new Client({ contactPoints: [`${host}:${port}`], localDataCenter: "datacenter1", socketOptions: { connectTimeout: 2_000, readTimeout: 5_000 } });
  try {
    await client.connect();
    await client.execute("SELECT parent_id FROM system_distributed.parent_repair_history LIMIT 1", [], { consistency: types.consistencies.all });
    return true;
  } catch {
    return false;
  } finally {
    await client.shutdown();
  }
}

/** One node, or three on 127.0.0.1, 127.0.0.2 and 127.0.0.3, which all listen on the same port. */
export const cassandra: Server = {
  name: "cassandra",
  defaultPort: 9042,
  portStep: 0,
  nodeCounts: [1, 3],
  morePorts: ["storage", "jmx"],
  memoryMb: 600,
  estimate: { downloadMb: 67, seconds: 30 },
  find: () => {
    const there = cached(`cassandra-${version}`);
    return there && fromCache(there);
  },
  fetch: async () => fromCache(await fetchJars("cassandra", version)),
  prepare,
  command: (node, cluster) => ({ program: findJava(), args: args(node, cluster) }),
  answers: async ({ host, port }) => (await tcpExchange({ host, port, send: optionsFrame, limitMs: 3_000 }))[4] === supported,
  join: joined,
  url: (nodes, within) => {
    const hosts = clientHosts(nodes);
    const copies = nodes.length > 1 ? `&replication=${nodes.length}` : "";
    return `cassandra://${hosts}${within ? `/${within}` : ""}?dc=datacenter1${copies}`;
  },
};
