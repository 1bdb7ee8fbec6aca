import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const point = pointIdOf("default", "well");
const START_MS = Date.parse("2024-05-01T03:00:00Z");
const LPS = 5;

interface Balance {
  readonly items: readonly { readonly day: string; readonly flowM3: number | null; readonly totaliserM3: number | null; readonly differenceM3: number | null; readonly verdict: string; readonly why: string | null }[];
  readonly next: string | null;
}

/** A well's flow and pulses through the whole embedded installation, held against each other. */
describe("caudal balance", { concurrency: false }, () => {
  let folder = "";
  let url = "";
  let caudal: Started;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-balance-"));
    caudal = await startUp(["--data", folder, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "off"]);
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(caudal.out())?.[0] ?? "";
    // Half an hour apart; 1000 L a pulse, so 9 pulses between two readings of 5 L/s.
    const rows = Array.from({ length: 160 }, (_, i) => ({ device: "well", ts: new Date(START_MS + i * 1_800_000).toISOString(), flow: LPS, pulses: 70_000 + 9 * i }));
    const send = async (some: readonly object[]): Promise<void> => {
      const sent = await fetch(`${url}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(some) });
      assert.equal(sent.status, 202);
    };
    await send(rows.slice(0, 1));
    await until("the point is there", async () => ((await here(["points", "show", point])).code === 0 ? true : undefined));
    assert.equal((await here(["points", "set", point, "--set", "pulseFactorL=1000"])).code, 0);
    // The others come once the setting counts: what is remembered of a counter is 32 samples.
    await until("the first volume is there", async () => {
      const response = await fetch(`${url}/api/v1/analytics/points/${point}/revisions?at=${rows[0]!.ts}&variable=volume`);
      return ((await response.json()) as { items: unknown[] }).items.length > 0 ? true : undefined;
    });
    await send(rows.slice(1));
  });
  after(async () => {
    await caudal.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[]): Promise<Ran> => run([...argv, "--data", folder]);
  const asked = ["balance", point, "--from", "2024-05-02", "--to", "2024-05-04"];
  const balanced = (more: readonly string[] = []): Promise<Ran> => here([...asked, ...more]);

  test("flow and pulses of a well agree to the litre, and the days add up", async () => {
    const found = await until("both days are whole", async () => {
      const { items } = (await balanced(["--json"])).json<Balance>();
      return items.every(({ verdict }) => verdict === "agrees") ? items : undefined;
    });
    assert.deepEqual(found.map(({ day, flowM3, totaliserM3, differenceM3 }) => [day, flowM3, totaliserM3, differenceM3]), [["2024-05-02", 432, 432, 0], ["2024-05-03", 432, 432, 0]]);
    const shown = await balanced();
    assert.equal(shown.code, 0);
    assert.match(shown.out, /2024-05-02 +432 m3 +432 m3 +0 m3 \(0 %\) +100 % +agrees/);
    assert.match(shown.out, /2 agree, 0 differ, 0 not comparable; days of America\/Santiago/);
  });

  test("a correction is in it at once: the day differs, which is a finding", async () => {
    const corrected = await here(["correct", "--point", point, "--variable", "flow", "--from", "2024-05-03T04:00:00Z", "--to", "2024-05-04T04:00:00Z", "--value", "3", "--reason", "the flow meter was read in other units"]);
    assert.equal(corrected.code, 0, corrected.error);
    const found = await until("the day differs", async () => {
      const ran = await balanced(["--lang", "es"]);
      return ran.code === 1 ? ran : undefined;
    });
    assert.match(found.out, /1 coinciden, 1 difieren, 0 no comparables/);
    assert.match(found.out, /2024-05-03 .* difiere/);
    assert.equal((await balanced(["--tolerance", "60"])).code, 0);
  });

  test("what cannot be compared says why; pages go on; what was not meant is refused", async () => {
    const whole = await here(["balance", point, "--from", "2024-04-29", "--to", "2024-05-06", "--lang", "es"]);
    assert.match(whole.out, /2024-04-29 .*no comparable: ese día no se contó nada/);
    assert.match(whole.out, /2024-04-30 .*no comparable: no se conoce una cuenta anterior/);
    const page = await here([...asked, "--limit", "1", "--json"]);
    const { items, next } = page.json<Balance>();
    assert.deepEqual([items.length, items[0]?.day], [1, "2024-05-02"]);
    assert.equal((await here([...asked, "--limit", "1", "--cursor", next ?? "", "--json"])).json<Balance>().items[0]?.day, "2024-05-03");
    assert.equal((await here(["balance"])).code, 2);
    const wrong = await here(["balance", point, "--from", "ayer"]);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.error, /query\.from/);
    assert.notEqual((await here(["balance", "pt_none"])).code, 0);
  });
});
