import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { pointIdOf, systemScope } from "@caudal/core";
import { decodeContainer } from "@caudal/schemas";
import { startCaudal } from "../../regression/integrity/running-caudal.ts";
import { findRunning } from "../commandline/running-instance.ts";
import type { InstallationStatus } from "../status/installation-status.ts";
import { run, type Ran } from "../test-parts/captured.ts";
import { portsOf } from "../test-parts/ports-of.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const FREE = ["--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"];
const own = pointIdOf("default", "my-meter");

interface Point {
  readonly id: string;
  readonly client: string;
}

/** What is on disk of each client, where nothing runs: points in the tiers, documents, records of the archive. */
async function stored(folder: string, points: readonly Point[]): Promise<Record<"demo" | "others", { rows: number; documents: number; archived: number }>> {
  const count = { demo: { rows: 0, documents: 0, archived: 0 }, others: { rows: 0, documents: 0, archived: 0 } };
  const demoPoints = new Set(points.filter(({ client }) => client === "demo").map(({ id }) => id));
  const ports = await portsOf(folder);
  try {
    for (const tier of [ports.hot, ports.warm, ports.cold]) {
      for (const { id, client } of points) for await (const block of tier.read(systemScope, { client, point: id, fromUs: 0, toUs: Number.MAX_SAFE_INTEGER })) count[client === "demo" ? "demo" : "others"].rows += block.rows;
    }
    for (const name of await ports.archive.list("")) {
      for (const { key } of await decodeContainer((await ports.archive.get(name)) ?? assert.fail(name))) count[key.startsWith("demo/") || demoPoints.has(key) ? "demo" : "others"].archived += 1;
    }
  } finally {
    await ports.close();
  }
  // Every table of the documents, whatever collections there will be.
  for (const file of (await readdir(join(folder, "documents"))).filter((name) => /\.(db|sqlite)$/.test(name))) {
    const db = new DatabaseSync(join(folder, "documents", file), { readOnly: true });
    try {
      for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'documents_*'").all()) {
        for (const { client } of db.prepare(`SELECT client FROM ${String(name)} WHERE client IS NOT NULL`).all()) count[client === "demo" ? "demo" : "others"].documents += 1;
      }
    } finally {
      db.close();
    }
  }
  return count;
}

describe("caudal demo clear", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started | undefined;
  let points: readonly Point[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-clear-"));
  });
  after(async () => {
    await caudal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[]): Promise<Ran> => run([...argv, "--data", folder]);
  const status = async (): Promise<InstallationStatus> => (await (await fetch(new URL("/api/v1/status", findRunning(folder)?.http))).json()) as InstallationStatus;
  const listed = async (): Promise<readonly Point[]> => (await here(["points", "ls", "--limit", "1000", "--json"])).json<{ items: Point[] }>().items;
  const manyPoints = (): Promise<readonly Point[]> => until("the demo has points", async () => {
    const found = (await listed()).filter(({ client }) => client === "demo");
    return found.length >= 20 ? found : undefined;
  });
  const ownValue = async (): Promise<string> => (await fetch(new URL(`/api/v1/analytics/points/${own}/realtime`, findRunning(folder)?.http))).text();
  const stop = async (): Promise<void> => {
    assert.equal(await caudal?.stop(), 0);
    caudal = undefined;
  };

  test("in a running installation: the fleet stops, nothing of it is left anywhere, other clients go on", async () => {
    caudal = await startUp(["--data", folder, ...FREE]);
    assert.match(caudal.out(), /demo: \d+ real meters of client demo play; remove them with: npx caudal demo clear --url http:/);
    assert.equal((await here(["send", "my-meter", "flow=12.5"])).code, 0);
    assert.equal((await here(["send", "pump", "flow=1", "--client", "acme"])).code, 0);
    points = [...(await manyPoints()), ...(await listed())];
    assert.equal((await status()).demo, true);

    const cleared = (await here(["demo", "clear", "--json"])).json<{ points: number }>();
    assert.ok(cleared.points >= 20, `${cleared.points}`);
    assert.deepEqual((await listed()).map(({ client }) => client).sort(), ["acme", "default"]);
    assert.equal((await status()).demo, false);
    assert.equal((await here(["send", "my-meter", "flow=13.5"])).code, 0);
    await until("what comes after is processed", async () => ((await ownValue()).includes("13.5") ? true : undefined));
    await stop();

    const left = await stored(folder, points);
    assert.deepEqual(left.demo, { rows: 0, documents: 0, archived: 0 });
    assert.equal(left.others.rows, 3 * 3, "three readings in three tiers");
    assert.ok(left.others.documents >= 6 && left.others.archived >= 6, JSON.stringify(left.others));
  });

  test("the demo stays away until somebody asks for it, and then plays from its beginning", async () => {
    caudal = await startUp(["--data", folder, ...FREE]);
    assert.doesNotMatch(caudal.out(), /real meters/);
    assert.equal((await status()).demo, false);
    await stop();
    // The kill leaves readings of the demo in the log that nobody has processed.
    const asked = await startCaudal(folder, [...FREE, "--demo", "on"]);
    points = [...(await manyPoints()), ...(await listed())];
    await asked.kill();
    assert.ok((await stored(folder, points)).demo.rows > 0);
  });

  test("where nothing runs: the same, with what the log still held", async () => {
    const { code, out } = await here(["demo", "clear", "--lang", "es"]);
    assert.equal(code, 0);
    assert.match(out, /^demostración eliminada: \d\d puntos\./);
    const left = await stored(folder, points);
    assert.deepEqual(left.demo, { rows: 0, documents: 0, archived: 0 });
    assert.equal(left.others.rows, 9);

    caudal = await startUp(["--data", folder, ...FREE]);
    assert.doesNotMatch(caudal.out(), /real meters/);
    await until("nothing is behind", async () => (Object.entries((await status()).lag).every(([group, lag]) => lag === 0 || /archiver-(readings|points)/.test(group)) ? true : undefined));
    assert.deepEqual((await listed()).map(({ client }) => client).sort(), ["acme", "default"]);
    assert.match(await ownValue(), /13\.5/);
    await stop();
    assert.deepEqual((await stored(folder, points)).demo, { rows: 0, documents: 0, archived: 0 });
  });
});
