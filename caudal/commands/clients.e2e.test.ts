import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf, systemScope, type PointKey } from "@caudal/core";
import { startCaudal } from "../../regression/integrity/running-caudal.ts";
import { findRunning } from "../commandline/running-instance.ts";
import { run, type Ran } from "../test-parts/captured.ts";
import { portsOf } from "../test-parts/ports-of.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const FREE = ["--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--demo", "off"];
/** Names that nothing else has, to be looked for byte by byte. */
const GONE = "gone-for-good";
const DEVICE = "zz-very-private-meter";
const STAYS = "neighbour";

/** Files below the folder that hold the text, apart from the log. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (entry.isFile() && !name.startsWith("log/") && (await readFile(path)).includes(text)) found.push(name);
  }
  return found.sort();
}

describe("caudal clients", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-clients-"));
  });
  after(async () => {
    await caudal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[]): Promise<Ran> => run([...argv, "--data", folder]);
  const start = async (): Promise<void> => {
    caudal = await startUp(["--data", folder, ...FREE]);
  };
  const stop = async (): Promise<void> => {
    assert.equal(await caudal?.stop(), 0);
    caudal = undefined;
  };
  const lags = async (): Promise<Record<string, number>> => ((await (await fetch(new URL("/api/v1/status", findRunning(folder)?.http))).json()) as { lag: Record<string, number> }).lag;
  const settled = async (): Promise<void> => {
    await until("nothing is behind", async () => (Object.entries(await lags()).every(([group, lag]) => lag === 0 || /archiver-(readings|points)/.test(group)) ? true : undefined));
  };
  const send = async (client: string, device: string, value: number): Promise<void> => {
    assert.equal((await here(["send", device, `flow=${value}`, "--client", client])).code, 0);
  };
  const digests = async (key: PointKey): Promise<unknown> => {
    const ports = await portsOf(folder);
    try {
      const today = Math.floor(Date.now() / 86_400_000) * 86_400_000_000;
      return await Promise.all([ports.hot, ports.warm, ports.cold].flatMap((tier) => [today - 86_400_000_000, today].map((day) => tier.digest(systemScope, key, day))));
    } finally {
      await ports.close();
    }
  };
  const points = async (): Promise<readonly string[]> => (await here(["points", "ls", "--limit", "1000", "--json"])).json<{ items: { client: string }[] }>().items.map(({ client }) => client).sort();
  const neighbour = { client: STAYS, point: pointIdOf(STAYS, "w-1") };

  test("a dry run says what would go, and nothing goes without --yes", async () => {
    await start();
    for (let at = 0; at < 5; at += 1) {
      await send(GONE, DEVICE, at);
      await send(STAYS, "w-1", at);
    }
    assert.equal((await here(["tokens", "create", "--name", "theirs", "--role", "device", "--client", GONE])).code, 0);
    assert.equal((await here(["tokens", "create", "--name", "shared", "--role", "device", "--client", `${GONE},${STAYS}`])).code, 0);
    await settled();
    const plan = await here(["clients", "erase", GONE]);
    assert.equal(plan.code, 1);
    assert.match(plan.out, /removes 1 points[\s\S]*tokens +2[\s\S]*stays:[\s\S]*--yes/);
    assert.equal((await here(["clients", "erase", GONE, "--dry-run", "--json"])).code, 0);
    assert.deepEqual(await points(), [GONE, STAYS]);
    await stop();
    assert.ok((await filesWith(folder, DEVICE)).length >= 1);
  });

  test("an erased client is in no file but the log; others keep their digests; what it sends is dropped until it is created again", async () => {
    const before = await digests(neighbour);
    await start();
    const erased = await here(["clients", "erase", GONE, "--yes", "--json"]);
    assert.equal(erased.code, 0, erased.error);
    const { counts, stays } = erased.json<{ counts: Record<string, number>; stays: { what: string }[] }>();
    assert.ok((counts["segments"] ?? 0) > 0 && counts["cold"] === 1 && counts["hot"] === 1 && counts["warm"] === 1 && counts["points"] === 1 && counts["tokens"] === 2, JSON.stringify(counts));
    assert.deepEqual(stays.map(({ what }) => what), ["log", "audit", "mark"]);
    assert.deepEqual(await points(), [STAYS]);
    // Its device does not know, and goes on.
    await send(GONE, DEVICE, 99);
    await settled();
    assert.deepEqual(await points(), [STAYS]);
    const metrics = await (await fetch(new URL("/metrics", findRunning(folder)?.http))).text();
    assert.match(metrics, /caudal_samples_out_total\{[^}]*reason="client-erased"[^}]*\} 1/);
    await stop();
    assert.deepEqual(await filesWith(folder, DEVICE), [], "no file but the log");
    assert.deepEqual(await digests(neighbour), before);

    await start();
    const listed = (await here(["clients", "ls", "--json"])).json<{ items: { client: string; state: string }[] }>().items;
    assert.deepEqual(listed.map(({ client, state }) => [client, state]), [[GONE, "erased"], [STAYS, "active"]]);
    assert.match((await here(["clients", "create", GONE])).out, /is created/);
    await until("its readings are taken in again", async () => {
      await send(GONE, DEVICE, 7);
      await settled();
      return (await points()).includes(GONE) ? true : undefined;
    });
    await stop();
  });

  test("a kill -9 at any moment of an erasure: asked again, it ends the same", async () => {
    for (const afterMs of [100, 2700, 3300]) {
      const running = await startCaudal(folder, FREE);
      assert.equal((await here(["clients", "create", GONE])).code, 0);
      await until("there is something to erase", async () => {
        await send(GONE, DEVICE, afterMs);
        return (await points()).includes(GONE) ? true : undefined;
      });
      const asked = await fetch(new URL(`/api/v1/archiver/clients/${GONE}/erasure`, running.http), { method: "POST" });
      assert.equal(asked.status, 202, await asked.text());
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await running.kill();
      const again = await here(["clients", "erase", GONE, "--yes", "--json"]);
      assert.equal(again.code, 0, again.error);
      assert.deepEqual(await filesWith(folder, DEVICE), [], `killed after ${afterMs} ms`);
    }
    await start();
    assert.deepEqual(await points(), [STAYS]);
    await stop();
  });
});
