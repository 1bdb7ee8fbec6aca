import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "cassandra-driver";
import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import { firstExecutable } from "../executable.ts";
import { servers } from "../engines/known-servers.ts";
import { findJava } from "../engines/provision/java.ts";
import { healthCommand, root, startContainer, withServer } from "./test-parts/container.ts";
import { runMongoScript } from "./test-parts/mongo-shell.ts";

const run = promisify(execFile);
/** As much of the image's own logging file as its start needs. */
const imageLogging = "Configuration: { Appenders: { Console: { name: STDOUT } }, Loggers: { Root: { level: WARN, AppenderRef: [{ ref: STDOUT }] }, Logger: [] } }\n";
const deployed = (...path: string[]): Promise<string> => readFile(join(root, "deploy", ...path), "utf8");

withServer("redis", "redis: the container's command serves, keeps what it was given, and its health check passes", async (t, files) => {
  const container = await startContainer(t, "redis", files, ({ service: { command = [] }, node }) => ({
    prepare: async () => undefined,
    command: () => ({ program: files.path, args: [...command.slice(1), "--port", String(node.port), "--bind", node.host, "--dir", node.folder] }),
  }));
  const { service, node, process } = container;
  assert.equal(service.command?.[0], "redis-server");
  const client = new Redis({ port: node.port, host: node.host, retryStrategy: () => 50 });
  t.after(() => client.disconnect());
  assert.deepEqual(await client.config("GET", "maxmemory-policy"), ["maxmemory-policy", "noeviction"]);
  assert.deepEqual(await client.config("GET", "appendonly"), ["appendonly", "yes"]);
  await client.set("kept", "1");
  await process.stop();
  await process.start();
  assert.equal(await client.get("kept"), "1");
  const [program, ...words] = healthCommand(service);
  assert.equal(program, "redis-cli");
  const cli = firstExecutable(["/usr/bin/redis-cli", "/usr/local/bin/redis-cli", "/opt/homebrew/bin/redis-cli"]);
  if (cli === undefined) return t.diagnostic("redis-cli is not installed here: its health check was not run");
  const { stdout } = await run(cli, ["-p", String(node.port), ...words]);
  assert.equal(stdout.trim(), "PONG");
});

withServer("mongo", "mongo: the container's command serves, its script makes the replica set once, and its health check passes", async (t, files) => {
  const { service, node } = await startContainer(t, "mongo", files, ({ service: mongo, node: { port, folder } }) => ({
    prepare: async () => undefined,
    answers: async ({ host }) => (await runMongoScript(`mongodb://${host}:${port}/`, healthCommand(mongo)[3] ?? "")) === 0,
    command: () => ({
      program: files.path,
      args: [...(mongo.command ?? []).slice(1).flatMap((word) => (word === "--bind_ip_all" ? ["--bind_ip", "127.0.0.1"] : [word === "27017" ? String(port) : word])), "--dbpath", folder],
    }),
  }));
  const url = `mongodb://${node.host}:${node.port}/`;
  assert.deepEqual(healthCommand(service).slice(0, 3), ["mongosh", "--quiet", "--eval"]);
  const script = (await deployed("mongo", "initiate.js")).replace("mongo:27017", `${node.host}:${node.port}`);
  assert.equal(await runMongoScript(url, script), 0);
  assert.equal(await runMongoScript(url, script), 0, "a second time it finds the set made");
  const client = await MongoClient.connect(`${url}?replicaSet=rs0`);
  t.after(() => client.close());
  const written = await client.db("caudal").collection("probe").insertOne({ a: 1 }, { writeConcern: { w: "majority", j: true } });
  assert.ok(written.acknowledged);
});

withServer("cassandra", "cassandra: the container's file is taken, acknowledges what is on disk, and its health check passes", async (t, files) => {
  const { service, node } = await startContainer(t, "cassandra", files, ({ node: { folder, port, morePorts } }) => ({
    prepare: async (settings, cluster) => {
      await servers.cassandra.prepare(settings, cluster);
      const text = (await deployed("cassandra", "cassandra.yaml"))
        .replace(/(seeds|listen_address|broadcast_rpc_address): cassandra/g, "$1: 127.0.0.1").replace("0.0.0.0", "127.0.0.1")
        .replace("seeds: 127.0.0.1", `seeds: "127.0.0.1:${morePorts["storage"]}"`)
        .replace("9042", String(port)).replace("7000", String(morePorts["storage"])).replaceAll("/var/lib/cassandra", join(folder, "data"));
      await writeFile(join(folder, "cassandra.yaml"), text);
    },
  }));
  assert.ok(service.command?.includes("-Dcassandra.config=file:///etc/caudal/cassandra.yaml"));
  const client = new Client({ contactPoints: [`${node.host}:${node.port}`], localDataCenter: "datacenter1" });
  t.after(() => client.shutdown());
  const health = healthCommand(service);
  assert.deepEqual([health[0], ...health.slice(-2)], ["cqlsh", "cassandra", "9042"]);
  assert.match(String((await client.execute(health[health.indexOf("-e") + 1] ?? "")).first()["release_version"]), /^5\./);
  const settings = await client.execute("SELECT name, value FROM system_views.settings WHERE name IN ('commitlog_sync', 'commitlog_sync_group_window', 'storage_compatibility_mode')");
  assert.deepEqual(Object.fromEntries(settings.rows.map((row) => [row["name"], row["value"]])), { commitlog_sync: "group", commitlog_sync_group_window: "5ms", storage_compatibility_mode: "NONE" });
});

withServer("kafka", "kafka: the image's own start makes of the container's environment a broker that serves", async (t, files) => {
  const { service, node } = await startContainer(t, "kafka", files, ({ service: { environment }, node: { folder, port, morePorts, host } }) => ({
    prepare: async () => {
      const places = ["defaults", "mounted", "final"].map((name) => join(folder, name)) as [string, string, string];
      for (const place of [...places, join(folder, "tmp")]) await mkdir(place, { recursive: true });
      await writeFile(join(folder, "log4j2.xml"), "<Configuration><Appenders><Console name=\"out\"/></Appenders><Loggers><Root level=\"warn\"><AppenderRef ref=\"out\"/></Root></Loggers></Configuration>");
      for (const file of ["server.properties", "log4j2.yaml", "tools-log4j2.yaml"]) await writeFile(join(places[0], file), file.endsWith("yaml") ? imageLogging : "from.the=image\n");
      const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value
        .replaceAll("://:", `://${host}:`).replaceAll("kafka:", `${host}:`).replaceAll("9092", String(port)).replaceAll("9093", String(morePorts["controller"])).replace("/var/lib/kafka/data", join(folder, "data"))]));
      await run(findJava(), ["-Xmx128m", "-cp", join(files.path, "*"), "kafka.docker.KafkaDockerWrapper", "setup",
        "--default-configs-dir", places[0], "--mounted-configs-dir", places[1], "--final-configs-dir", places[2]], { env: { PATH: process.env["PATH"], ...env }, timeout: 60_000 });
    },
    command: () => ({ program: findJava(), args: ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", `-Dlog4j2.configurationFile=${join(folder, "log4j2.xml")}`, "-cp", join(files.path, "*"), "kafka.Kafka", join(folder, "final", "server.properties")] }),
  }));
  const properties = await readFile(join(node.folder, "final", "server.properties"), "utf8");
  for (const line of ["auto.create.topics.enable=false", "min.insync.replicas=1", "offsets.topic.replication.factor=1", "process.roles=broker,controller"]) assert.ok(properties.includes(line), line);
  assert.deepEqual(healthCommand(service).slice(1), ["--bootstrap-server", "127.0.0.1:9092"]);
  // The tool of the health check is not among the jars here; its question is asked by our own client.
  assert.ok(await servers.kafka.answers(node, { nodes: [node], jit: "quick", files }));
});

withServer("registry", "registry: the path of its health check and of CAUDAL_REGISTRY answer", async (t, files) => {
  const { service, node } = await startContainer(t, "registry", files, () => ({}));
  const health = new URL(healthCommand(service).at(-1) ?? "");
  health.port = String(node.port);
  assert.equal((await fetch(health)).status, 200);
});
