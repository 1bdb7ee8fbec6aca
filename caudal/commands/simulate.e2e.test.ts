import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { findRunning } from "../commandline/running-instance.ts";
import { run, type Ran, type RunOptions } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

interface SentLine {
  readonly seq: number;
  readonly device: string;
  readonly samples: readonly { readonly key: string; readonly timeUs: number; readonly value: number }[];
  readonly kinds: readonly string[];
  readonly expect: string;
}

interface FleetFile {
  readonly seed: string;
  readonly client: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly devices: readonly { readonly device: string; readonly kind: string; readonly keys: readonly { readonly key: string; readonly variable: string; readonly unit: string }[] }[];
}

interface HistoryItem {
  readonly time: string;
  readonly [variable: string]: string | { readonly value: number };
}

interface Result {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly seed: string;
}

async function linesOf<T>(folder: string, name: string): Promise<readonly T[]> {
  return (await readFile(join(folder, name), "utf8")).trim().split("\n").map((line) => JSON.parse(line) as T);
}

/** The command against one installation with a drop folder, in this process. */
describe("caudal simulate", { concurrency: false }, () => {
  let folder = "";
  let drop = "";
  let caudal: Started;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-simulate-"));
    drop = join(folder, "inbox");
    caudal = await startUp(["--data", join(folder, "data"), "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--drop", drop], { env: { CAUDAL_DROP_SETTLE: "50ms", CAUDAL_DROP_POLL: "100ms" } });
  });
  after(async () => {
    await caudal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[], options?: RunOptions): Promise<Ran> => run(["simulate", ...argv, "--data", join(folder, "data")], options);
  const get = async <T>(path: string): Promise<T> => (await fetch(new URL(path, findRunning(join(folder, "data"))?.http)).then((answer) => answer.json())) as T;

  test("all ways in at once: the history of every point is what the truth says", async () => {
    const truth = join(folder, "all-ways");
    const { code, out, error } = await here(["--truth", truth, "--seed", "e2e", "--devices", "12", "--messages", "900", "--over", "mqtt,http,drop", "--drop", drop, "--json"]);
    assert.equal(code, 0, error);
    const result = JSON.parse(out) as Result;
    assert.deepEqual([result.seed, result.sent, result.unknown, result.acknowledged + result.refused], ["e2e", 900, 0, 900]);
    const fleet = JSON.parse(await readFile(join(truth, "fleet.json"), "utf8")) as FleetFile;
    assert.deepEqual([fleet.client, fleet.devices.length], ["default", 12]);
    const sent = await linesOf<SentLine>(truth, "sent.ndjson");
    const expected = new Map<string, number>();
    for (const { device, samples, expect } of sent) if (expect === "stored") for (const { key, timeUs, value } of samples) expected.set(`${device} ${key} ${timeUs}`, value);
    const range = `from=${new Date(fleet.startUs / 1000 - 1).toISOString()}&to=${new Date(fleet.endUs / 1000 + 1).toISOString()}&resolution=raw`;
    const differing = await until("every fact is stored", async () => {
      const stored = new Map<string, number>();
      for (const { device, keys } of fleet.devices) {
        const { items = [] } = await get<{ items?: readonly HistoryItem[] }>(`/api/v1/analytics/points/${pointIdOf("default", device)}/history?${range}&limit=10000`);
        for (const item of items) {
          for (const { key, variable } of keys) {
            const fact = item[variable];
            if (typeof fact === "object") stored.set(`${device} ${key} ${Date.parse(item.time) * 1000}`, fact.value);
          }
        }
      }
      const wrong = [...expected].filter(([place, value]) => stored.get(place) !== value);
      return wrong.length === 0 ? stored.size - expected.size : undefined;
    });
    assert.equal(differing, 0, "and nothing else");
  });

  test("the running installation's broker is what nothing else names; keys are guessed as fleet.json says", async () => {
    const truth = join(folder, "plain");
    const { code, out } = await here(["--truth", truth, "--seed", "plain", "--devices", "4", "--messages", "40", "--troubles", "none", "--lang", "es"]);
    assert.equal(code, 0);
    assert.match(out, /^40 mensajes enviados en .*: confirmados 40, rechazados 0, desconocidos 0; reenviados 0\nverdad: .*plain \(semilla plain\)\n$/);
    const { devices, client } = JSON.parse(await readFile(join(truth, "fleet.json"), "utf8")) as FleetFile;
    assert.equal(client, "simulation");
    for (const { device, keys } of devices) {
      const id = pointIdOf("simulation", device);
      await until(`${device} is a point`, async () => ((await fetch(new URL(`/api/v1/points/${id}`, findRunning(join(folder, "data"))?.http))).ok ? true : undefined));
      const { variables } = await get<{ variables: { key: string; variable: string; unit: string; sourceUnit: string }[] }>(`/api/v1/points/${id}`);
      assert.deepEqual(variables.map(({ key, variable, unit, sourceUnit }) => ({ key, variable, unit, sourceUnit })).sort((a, b) => (a.key < b.key ? -1 : 1)), keys.map((row) => ({ ...row, sourceUnit: row.unit })).sort((a, b) => (a.key < b.key ? -1 : 1)));
    }
  });

  test("in real time until Ctrl-C, with a line of progress", async () => {
    const truth = join(folder, "real-time");
    const signals = new EventEmitter();
    const running = here(["--truth", truth, "--devices", "5", "--rate", "50/s", "--kinds", "well,kettle", "--client", "live", "--troubles", "duplicate,late"], { signals, columns: 120 });
    await until("thirty are acknowledged", async () => ((await linesOf(truth, "acknowledged.ndjson").catch(() => [])).length >= 30 ? true : undefined));
    signals.emit("SIGINT");
    const { code, out } = await running;
    assert.equal(code, 0, out);
    assert.match(out, /\d+ sent · [\d.]+\/s · \d+ open · 20\d\d-/);
    const fleet = JSON.parse(await readFile(join(truth, "fleet.json"), "utf8")) as FleetFile & { intervalS: number };
    assert.deepEqual([fleet.intervalS, new Set(fleet.devices.map(({ kind }) => kind))], [0.1, new Set(["well", "kettle"])]);
    assert.ok(Math.abs(fleet.startUs / 1000 - Date.now()) < 60_000);
  });

  test("a truth folder that holds something is refused, and so are flags that say nothing of use", async () => {
    const truth = join(folder, "taken");
    await mkdir(truth);
    await writeFile(join(truth, "mine"), "");
    const taken = await here(["--truth", truth, "--messages", "1"]);
    assert.equal(taken.code, 2);
    assert.match(taken.error, /taken is not empty\n {2}→ Name a new folder/);
    for (const [argv, says] of [
      [[], /--truth is needed/], [["--devices", "0"], /--devices is 0/], [["--rate", "fast"], /--rate is fast/], [["--interval", "9h"], /--interval is 9h/], [["--interval", "x"], /--interval is x/], [["--for", "soon"], /--for is soon/],
      [["--from", "once"], /--from is once/], [["--kinds", "well,lake"], /--kinds is lake/], [["--troubles", "rust"], /--troubles is rust/], [["--over", "pigeon"], /--over is pigeon/], [["--over", "drop"], /--drop is needed/],
      [["--client", "No Such"], /No Such is not a client/], [["--mqtt-url", "http://127.0.0.1:1"], /not the address of a broker/],
    ] as const) {
      const { code, error } = await here([...(argv.length === 0 ? [] : ["--truth", join(folder, "new")]), ...argv]);
      assert.equal(code, 2, argv.join(" "));
      assert.match(error, says);
    }
  });

  test("where nobody is, it ends with exit 3 and says where to look", async () => {
    const truth = join(folder, "nobody");
    const away = await run(["simulate", "--truth", truth, "--data", join(folder, "elsewhere")]);
    assert.equal(away.code, 3);
    assert.match(away.error, /no installation runs on .*elsewhere\n {2}→ Start one/);
    for (const argv of [["--mqtt-url", "mqtt://127.0.0.1:1"], ["--url", "http://127.0.0.1:1"]]) {
      const { code, error } = await here(["--truth", truth, ...argv]);
      assert.equal(code, 3);
      assert.match(error, /nothing answers at/);
    }
  });
});
