import assert from "node:assert/strict";
import { test } from "node:test";
import { servers } from "./known-servers.ts";
import type { NodeSettings } from "./server.ts";
import { settingLines, statusLines } from "./status.ts";

function nodes(port: number, count = 1, step = 1): NodeSettings[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1, host: step === 0 ? `127.0.0.${index + 1}` : "127.0.0.1", port: port + index * step, morePorts: {}, folder: "/nowhere",
  }));
}

test("an engine's URL is what Caudal's setting takes", () => {
  assert.equal(servers.kafka.url(nodes(9092)), "kafka://127.0.0.1:9092");
  assert.equal(servers.registry.url(nodes(8081)), "http://127.0.0.1:8081/apis/ccompat/v7");
  assert.equal(servers.redis.url(nodes(6379)), "redis://127.0.0.1:6379");
  assert.equal(servers.mongo.url(nodes(27_017)), "mongodb://127.0.0.1:27017/?replicaSet=rs0");
  assert.equal(servers.mongo.url(nodes(27_017), "caudal"), "mongodb://127.0.0.1:27017/caudal?replicaSet=rs0");
  assert.equal(servers.cassandra.url(nodes(9042)), "cassandra://127.0.0.1:9042?dc=datacenter1");
  assert.equal(servers.cassandra.url(nodes(9042), "caudal"), "cassandra://127.0.0.1:9042/caudal?dc=datacenter1");
  assert.equal(servers.mosquitto.url(nodes(1883)), "mqtt://127.0.0.1:1883");
});

test("the URL of three nodes names each of them and asks for three copies", () => {
  assert.equal(servers.kafka.url(nodes(9092, 3, 2)), "kafka://127.0.0.1:9092,127.0.0.1:9094,127.0.0.1:9096?replication=3&minInSync=2");
  assert.equal(servers.mongo.url(nodes(1, 3)), "mongodb://127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/?replicaSet=rs0");
  assert.equal(servers.cassandra.url(nodes(9042, 3, 0)), "cassandra://127.0.0.1:9042,127.0.0.2:9042,127.0.0.3:9042?dc=datacenter1&replication=3");
});

test("the settings are lines for a shell, in quotes, and end in the command that takes them", () => {
  assert.deepEqual(settingLines([]), []);
  assert.deepEqual(settingLines([["CAUDAL_COLD", "cassandra://127.0.0.1:9042/caudal?dc=datacenter1&replication=3"]]), [
    "CAUDAL_COLD='cassandra://127.0.0.1:9042/caudal?dc=datacenter1&replication=3' \\", "npm start -- --engines",
  ]);
});

test("the table shows what runs with its memory and age, and what does not as down", () => {
  const row = { engine: "redis", host: "127.0.0.1", port: 6379, server: "Redis", url: "redis://127.0.0.1:6379", folder: "/nowhere" } as const;
  assert.deepEqual(statusLines([
    { ...row, node: 1, running: true, pid: 4711, residentMb: 13, upSeconds: 7_300 }, { ...row, node: 2, running: true, pid: 4712, upSeconds: 600 }, { ...row, node: 3, running: false },
  ]), [
    "engine   pid   port  memory  up      server  URL",
    "redis    4711  6379  13 MB   2 h     Redis   redis://127.0.0.1:6379",
    "redis 2  4712  6379          10 min  Redis   redis://127.0.0.1:6379",
    "redis 3  down  6379                  Redis   redis://127.0.0.1:6379",
  ]);
});
