import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { startCaudal } from "../../regression/integrity/running-caudal.ts";
import { findRunning } from "../commandline/running-instance.ts";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const FREE = ["--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--demo", "off"];
const point = pointIdOf("default", "my-meter");

interface Listed {
  readonly items: readonly { readonly name: string; readonly trouble: string | null }[];
}

describe("caudal backup", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-backup-e2e-"));
  });
  after(async () => {
    await caudal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const data = (name: string): string => join(folder, name);
  const env = (): Record<string, string> => ({ CAUDAL_BACKUP_DIR: data("backups") });
  const here = (name: string, argv: readonly string[]): Promise<Ran> => run([...argv, "--data", data(name)], { env: env() });
  const start = async (name: string): Promise<void> => {
    caudal = await startUp(["--data", data(name), ...FREE], { env: env() });
  };
  const stop = async (): Promise<void> => {
    assert.equal(await caudal?.stop(), 0);
    caudal = undefined;
  };
  const history = async (name: string): Promise<string> => {
    const to = new Date(Date.now() + 3_600_000).toISOString();
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const answer = await fetch(new URL(`/api/v1/analytics/points/${point}/history?from=${from}&to=${to}&resolution=raw&format=csv`, findRunning(data(name))?.http));
    assert.equal(answer.status, 200, await answer.clone().text());
    // Its head tells the range and when it was asked for.
    return (await answer.text()).split("\n").filter((line) => !line.startsWith("#")).join("\n");
  };
  const sent = async (name: string, ...values: readonly number[]): Promise<void> => {
    for (const value of values) assert.equal((await here(name, ["send", "my-meter", `flow=${value}`])).code, 0);
    await until(`${values.at(-1)} is in the history`, async () => ((await history(name)).includes(String(values.at(-1))) ? true : undefined));
  };

  test("while it runs: create, ls, drill; the restored installation has the history and goes on", async () => {
    await start("a");
    await sent("a", 1.5, 2.5, 3.5);
    const created = await here("a", ["backup", "create", "--json"]);
    assert.equal(created.code, 0, created.error);
    const { name, points, facts } = created.json<{ name: string; points: number; facts: number }>();
    assert.deepEqual([points, facts], [1, 3]);
    assert.deepEqual((await here("a", ["backup", "ls", "--json"])).json<Listed>().items.map((item) => [item.name, item.trouble]), [[name, null]]);
    assert.equal((await here("a", ["backup", "create", "--to", data("elsewhere")])).code, 2);
    const drill = await here("a", ["backup", "drill", "--lang", "es"]);
    assert.equal(drill.code, 0, drill.error);
    assert.match(drill.out, new RegExp(`ensayo de ${name}: igual`));
    const metrics = await (await fetch(new URL("/metrics", findRunning(data("a"))?.http))).text();
    assert.match(metrics, /caudal_backup_last_success_timestamp_seconds 1\d{9}/);
    assert.match(metrics, /caudal_backup_drill_last_success_timestamp_seconds 1\d{9}/);
    const before = await history("a");
    await stop();

    assert.equal((await here("a", ["backup", "restore", name, "--into", data("a")])).code, 3, "not onto data");
    const dry = await here("a", ["backup", "restore", name, "--into", data("b"), "--dry-run"]);
    assert.match(dry.out, /is whole: 1 points, 3 facts/, dry.error);
    await assert.rejects(readdir(data("b")), { code: "ENOENT" });
    const restored = await here("a", ["backup", "restore", name, "--into", data("b")]);
    assert.equal(restored.code, 0, restored.error);
    assert.match(restored.out, /Ready to start/);
    await start("b");
    assert.equal(await history("b"), before);
    await sent("b", 7.25);
    await stop();
  });

  test("where nothing runs: the command opens the folder itself; a name that there is not is said", async () => {
    const created = await here("b", ["backup", "create", "--to", data("by-hand"), "--json"]);
    assert.equal(created.code, 0, created.error);
    assert.equal(created.json<{ facts: number }>().facts, 4);
    assert.equal((await here("b", ["backup", "drill", "--from", data("by-hand")])).code, 0);
    const missing = await here("b", ["backup", "restore", "2001-01-01t000000.000z", "--into", data("c")]);
    assert.notEqual(missing.code, 0);
    assert.match(missing.error, /2001-01-01t000000\.000z/);
    assert.equal((await here("b", ["backup", "restore"])).code, 2);
  });

  test("a kill -9 while one is taken leaves none or a whole one, and the next goes through", async () => {
    for (const afterMs of [0, 15, 60]) {
      const running = await startCaudal(data("b"), FREE, env());
      const answer = await fetch(new URL("/api/v1/archiver/backups", running.http), { method: "POST" });
      assert.equal(answer.status, 202);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await running.kill();
      for (const { trouble } of (await here("b", ["backup", "ls", "--json"])).json<Listed>().items) assert.equal(trouble, null);
    }
    const created = await here("b", ["backup", "create", "--json"]);
    assert.equal(created.code, 0, created.error);
    assert.equal((await here("b", ["backup", "drill"])).code, 0);
    assert.deepEqual((await readdir(join(data("backups"), "backups"))).filter((name) => name.startsWith(".")), []);
  });
});
