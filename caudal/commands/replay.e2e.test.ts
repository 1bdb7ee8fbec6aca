import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf, type SeriesTier } from "@caudal/core";
import { portsOf } from "../test-parts/ports-of.ts";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const point = pointIdOf("default", "meter");
const TIMES = ["12:00", "12:01", "12:02", "12:03"] as const;

/** `caudal replay` beside a running installation and where nothing runs. */
describe("caudal replay", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-replaying-"));
    caudal = await up();
    for (const [index, time] of TIMES.entries()) assert.equal((await here(["send", "meter", `flow=${index + 1}`, "--unit", "flow=L/s", "--time", `2024-05-01T${time}:00Z`])).code, 0);
  });
  after(async () => {
    await caudal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const up = (): Promise<Started> => startUp(["--data", folder, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "off"]);
  const here = (argv: readonly string[]): Promise<Ran> => run([...argv, "--data", folder]);
  const stopped = async (): Promise<void> => {
    await caudal?.stop();
    caudal = undefined;
  };

  test("says that nothing would change, and leaves nothing behind but what it found", async () => {
    await until("all four stand in cold", async () => ((await here(["replay", "--json"])).json<{ compared: number }>().compared === TIMES.length ? true : undefined));
    const nothing = await here(["replay", "--from", "2024-05-01", "--to", "2024-05-02", "--dry-run"]);
    assert.equal(nothing.code, 0, nothing.error);
    assert.match(nothing.out, /^nothing would change: 4 facts in 1 point-days agree, digests equal \(\d+ events replayed\)\n$/);
    assert.match((await here(["replay", "--lang", "es"])).out, /^nada cambiaría: 4 hechos/);
    const [home = "", ...others] = await readdir(join(folder, "replay"));
    assert.deepEqual([others, await readdir(join(folder, "replay", home))], [[], ["changes.ndjson"]]);
  });

  test("refuses what contradicts itself, a time that is none, and a point that is not there", async () => {
    for (const [argv, words] of [
      [["--apply", "--dry-run"], /--apply/], [["--withdraw"], /--apply/], [["--device", "meter"], /--client/], [["--from", "yesterday"], /body\.from/], [["--point", "none"], /none/],
    ] as const) {
      const refused = await here(["replay", ...argv]);
      assert.notEqual(refused.code, 0);
      assert.match(refused.error, words);
    }
  });

  test("says what other rules would change, of a file or of the command line, and changes nothing", async () => {
    const tried = await here(["rules", "try", "--set", "flow.max=2", "--set", "rightFlowLps=1"]);
    assert.equal(tried.code, 1, tried.error);
    assert.match(tried.out, /^3 facts of 1 points would be otherwise, of 4 compared\n {2}flow {2}3 facts, 0 with another number\n/);
    assert.match(tried.out, /good → bad +2\n/);
    assert.match(tried.out, /beyond-right +\+3 +-0/);
    assert.match(tried.out, /Nothing was changed/);
    const file = join(folder, "rules.yaml");
    await writeFile(file, `points:\n  ${point}:\n    variables: {flow: {max: 3}}\n`);
    const replayed = await here(["replay", "--rules", file, "--diff"]);
    assert.match(replayed.out, new RegExp(`2024-05-01T12:03:00Z {2}default/${point} {2}flow {2}altered {2}4 \\[1`));
    assert.equal((await here(["rules", "try", file, "--set", "flow.max=4", "--json"])).json<{ changes: number }>().changes, 1);
    assert.match((await here(["rules", "try", "--set", "flow.max=4", "--lang", "es"])).out, /^nada cambiaría/);
    assert.equal((await here(["replay"])).code, 0);
    for (const [argv, words] of [
      [[], /--set/], [["--set", "flow"], /flow is neither/], [["--set", "flow.most=1"], /most/], [["--set", "pulses=1"], /pulses/], [[join(folder, "none.yaml")], /none\.yaml/],
    ] as const) {
      const refused = await here(["rules", "try", ...argv]);
      assert.notEqual(refused.code, 0);
      assert.match(refused.error, words);
    }
    assert.match((await here(["replay", "--rules", file, "--apply"])).error, /--rules/);
  });

  test("where nothing runs it finds what cold lost, writes every change to a file, and applies it", async () => {
    await stopped();
    const held = (cold: SeriesTier): Promise<string> => cold.digest({ clients: "all" }, { client: "default", point }, Date.parse("2024-05-01T00:00:00Z") * 1000).then(({ facts, hash }) => `${facts} ${hash}`);
    const inCold = async (): Promise<string> => {
      const ports = await portsOf(folder);
      try {
        return await held(ports.cold);
      } finally {
        await ports.close();
      }
    };
    const before = await inCold();
    for (const name of await readdir(join(folder, "tiers"))) if (name.startsWith("cold")) await rm(join(folder, "tiers", name), { recursive: true });
    assert.notEqual(await inCold(), before);
    const file = join(folder, "changes.ndjson");
    const found = await here(["replay", "--point", point, "--diff", "--diff-file", file]);
    assert.equal(found.code, 1, found.error);
    assert.match(found.out, /4 facts of 1 points would change, of 4 compared; 1 of 1 point-days differ/);
    assert.match(found.out, new RegExp(`2024-05-01T12:02:00Z {2}default/${point} {2}flow {2}lost {2}- → 3 `));
    assert.match(found.out, /Nothing was changed/);
    assert.equal((await readFile(file, "utf8")).trim().split("\n").length, 4);
    const applied = await here(["replay", "--from", "2024-05-01T00:00:00Z", "--apply"]);
    assert.equal(applied.code, 0, applied.error);
    assert.match(applied.out, /applied: 4 facts published; 0 still differ/);
    assert.equal(await inCold(), before);
    const tried = await here(["rules", "try", "--set", "flow.max=3"]);
    assert.match(tried.out, /^1 facts of 1 points would be otherwise, of 4 compared/);
    const refused = await here(["rules", "try", "--set", "flow.most=3"]);
    assert.equal(refused.code, 2, refused.error);
    assert.match(refused.error, /body\.rules\.variables\.flow/);
  });
});
