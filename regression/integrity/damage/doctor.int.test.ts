import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { pointIdOf, topics } from "@caudal/core";
import { CLIENT, factsIn, folderFor, openEmbedded, PARTITIONS, start } from "../../../archiver/backup/test-installation.ts";
import { run } from "../../../caudal/test-parts/captured.ts";
import { startUp } from "../../../caudal/test-parts/started.ts";

/* An installation that was written by the real services and does not run; its files are damaged by hand, and doctor is asked as a person would. */

const DEVICES = ["w-1", "w-2"] as const;

interface Line {
  readonly store: string;
  readonly place: string;
  readonly action: string;
  readonly outcome: string;
  readonly next: string | null;
}

async function written(context: TestContext): Promise<string> {
  const data = join(await folderFor(context), "data");
  const ports = await openEmbedded(data);
  const running = await start(ports);
  for (let at = 0; at < 30; at += 1) for (const device of DEVICES) await running.send(device, [at * 60, { flow: at }]);
  await running.settled();
  await running.stop();
  for (const tier of [ports.hot, ports.warm, ports.cold]) await tier.eraseClient("nobody");
  await ports.close();
  return data;
}

async function facts(data: string): Promise<unknown> {
  const ports = await openEmbedded(data);
  try {
    return await Promise.all(DEVICES.flatMap((device) => [factsIn(ports.warm, device), factsIn(ports.cold, device)]));
  } finally {
    await ports.close();
  }
}

function inFile(data: string, file: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(data, file));
  work(db);
  db.close();
}

function damageBlock(data: string, tier: string): void {
  inFile(data, `tiers/${tier}.sqlite`, (db) => {
    const row = db.prepare("SELECT id, data FROM blocks WHERE point_id = (SELECT id FROM points WHERE point = ?) LIMIT 1").get(pointIdOf(CLIENT, "w-1")) as { id: number; data: Uint8Array };
    row.data[row.data.length >> 1]! ^= 8;
    db.prepare("UPDATE blocks SET data = ? WHERE id = ?").run(row.data, row.id);
  });
}

/** The newest reading of a partition; what a torn write hits. */
function damageTail(data: string): string {
  let place = "";
  inFile(data, "log/log.db", (db) => {
    const partitions = db.prepare("SELECT p.id, p.number FROM partitions p JOIN topics t ON t.id = p.topic WHERE t.name = ? ORDER BY p.number").all(topics.readings) as { id: number; number: number }[];
    for (const { id, number } of partitions) {
      const { last } = db.prepare(`SELECT max(offset) AS last FROM records_${id}`).get() as { last: number | null };
      if (last === null || place !== "") continue;
      db.exec(`UPDATE records_${id} SET frame = zeroblob(7) WHERE offset = ${last}`);
      place = `${topics.readings}/${number}@${last}`;
    }
  });
  return place;
}

const doctor = (data: string, ...words: string[]): ReturnType<typeof run> => run(["doctor", "--data", data, ...words]);

test("damage made by hand is named by doctor and mended by doctor --repair", { timeout: 120_000 }, async (context) => {
  const data = await written(context);
  const before = await facts(data);
  assert.match((await doctor(data)).out, /5 files of the embedded engine are whole/);
  assert.equal((await doctor(data, "--repair")).out, "nothing to mend\n");

  damageBlock(data, "warm");
  const tail = damageTail(data);
  const named = await doctor(data);
  assert.equal(named.code, 1);
  assert.ok(named.out.includes(`record ${tail}`), named.out);
  assert.match(named.out, /warm .*warm\.sqlite: block \d+ of point .* is damaged.*doctor --repair --dry-run/);
  await assert.rejects(openEmbedded(data), (error) => String(error).includes(tail), "nothing starts on it, and it says why");

  const planned = await doctor(data, "--repair", "--dry-run", "--json");
  assert.equal(planned.code, 1);
  const told = (lines: readonly Line[]): string[] => lines.map(({ store, action, outcome }) => `${store} ${action} ${outcome}`).sort();
  assert.deepEqual(told(planned.json<{ lines: Line[] }>().lines), ["log put-back planned", "warm discard-and-merge planned"]);
  const repaired = await doctor(data, "--repair", "--json");
  assert.equal(repaired.code, 0, repaired.out);
  assert.deepEqual(told(repaired.json<{ lines: Line[] }>().lines), ["log put-back repaired", "warm discard-and-merge repaired"]);
  assert.match((await doctor(data)).out, /5 files of the embedded engine are whole/);
  assert.deepEqual(await facts(data), before);
});

test("a file that is no database any more: warm is moved aside and filled from cold; the log is left, with the next step", { timeout: 120_000 }, async (context) => {
  const data = await written(context);
  const before = await facts(data);
  writeFileSync(join(data, "tiers", "warm.sqlite"), Buffer.alloc(20_000, "no database "));
  assert.match((await doctor(data)).out, /warm .*warm\.sqlite: .*not a database/);
  const planned = await doctor(data, "--repair", "--dry-run");
  assert.match(planned.out, /move the file aside as warm\.sqlite\.damaged-\S+ and fill a new one from cold, would be done/);
  assert.ok(!readdirSync(join(data, "tiers")).some((name) => name.includes("damaged")), "a dry run moves nothing");
  const repaired = await doctor(data, "--repair");
  assert.equal(repaired.code, 0, repaired.out + repaired.error);
  assert.ok(readdirSync(join(data, "tiers")).some((name) => name.startsWith("warm.sqlite.damaged-")));
  assert.deepEqual(await facts(data), before);

  writeFileSync(join(data, "log", "log.db"), Buffer.alloc(20_000, "no database "));
  const left = await doctor(data, "--repair");
  assert.equal(left.code, 1);
  assert.match(left.out, /nothing here can mend it, left as it is\n {2}restore it from a backup/);
});

test("a running installation is asked: what its scrub found is shown, and mended by a job", { timeout: 120_000 }, async (context) => {
  const data = await written(context);
  damageBlock(data, "hot");
  const started = await startUp(["--data", data, "--http", "127.0.0.1:0", "--mqtt", "off", "--no-demo"], { env: { CAUDAL_PARTITIONS: String(PARTITIONS) } });
  try {
    const { http } = JSON.parse(readFileSync(join(data, "running.json"), "utf8")) as { http: string };
    const post = await fetch(new URL("/api/v1/archiver/scrub", http), { method: "POST" });
    assert.equal(post.status, 202);
    const { id } = (await post.json()) as { id: string };
    for (let state = "running"; state === "running"; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      state = ((await (await fetch(new URL(`/api/v1/archiver/jobs/${id}`, http))).json()) as { state: string }).state;
    }
    const named = await run(["doctor", "--url", http, "--data", join(data, "..", "elsewhere")]);
    assert.match(named.out, new RegExp(`hot ${CLIENT}/${pointIdOf(CLIENT, "w-1")}: .*is damaged`));
    const repaired = await run(["doctor", "--repair", "--url", http, "--json"]);
    assert.deepEqual(repaired.json<{ lines: Line[] }>().lines.map(({ store, action, outcome }) => `${store} ${action} ${outcome}`), ["hot discard-and-merge repaired"]);
    assert.match((await run(["doctor", "--url", http, "--data", join(data, "..", "elsewhere")])).out, /nothing stored is known to be damaged/);
  } finally {
    await started.stop();
  }
});
