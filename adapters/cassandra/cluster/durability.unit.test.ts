import assert from "node:assert/strict";
import { test } from "node:test";
import { policies } from "cassandra-driver";
import type { Row, Statement } from "./cluster.ts";
import { readClusterUrl } from "./cluster-url.ts";
import { tellDurability } from "./durability.ts";
import { openClient } from "./open-client.ts";

const address = readClusterUrl("cassandra://127.0.0.1/ks");

async function toldFor(sync: string | Error, copies: string): Promise<string[]> {
  const told: string[] = [];
  const query = ({ query: asked }: Statement): Promise<Row[]> => {
    if (sync instanceof Error) return Promise.reject(sync);
    return Promise.resolve([asked.includes("commitlog") || asked.includes("system_views") ? { value: sync } : { replication: { datacenter1: copies } }] as unknown as Row[]);
  };
  await tellDurability({ address, query }, (event) => told.push(event));
  return told;
}

test("a server that may lose what it acknowledged is told of", async () => {
  assert.deepEqual(await toldFor("periodic", "1"), ["cassandra.may-lose"]);
  assert.deepEqual(await toldFor("periodic", "3"), []);
  assert.deepEqual(await toldFor("group", "1"), []);
  assert.deepEqual(await toldFor(new Error("no right to read"), "1"), []);
});

test("a certificate that cannot be read is a setting to mend", async () => {
  const encrypted = readClusterUrl("cassandras://127.0.0.1/ks?ca=/nowhere/ca.pem");
  await assert.rejects(openClient(encrypted, new policies.timestampGeneration.MonotonicTimestampGenerator(1000, 1000), undefined), { code: "setting", message: /\/nowhere\/ca\.pem/ });
});
