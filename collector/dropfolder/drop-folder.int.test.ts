import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CaudalError, type EventLog } from "@caudal/core";
import type { Reading } from "@caudal/schemas";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";

const REPORT = '{ "timestamp": "2026-03-01T12:00:00.000000+00:00", "temperature_celsius": 20.4, "pressure_psi": 15.0, "co2_vol": 2.4, "batch_id": "B014-STOUT" }';
const HEADER = "fecha;hora;nombre_sensor;valor;unidad;quality\n";

async function openInbox(more: Record<string, string> = {}, wrapLog?: (log: EventLog) => EventLog): Promise<{ inbox: string; harness: Harness; close(): Promise<void> }> {
  const inbox = await mkdtemp(join(tmpdir(), "caudal-inbox-"));
  const env = { CAUDAL_DROP_FOLDER: inbox, CAUDAL_DROP_SETTLE: "30ms", CAUDAL_DROP_POLL: "40ms", ...more };
  const harness = await openHarness(wrapLog === undefined ? { env } : { env, wrapLog });
  return {
    inbox, harness,
    close: async () => {
      await harness.close();
      await rm(inbox, { recursive: true, force: true });
    },
  };
}

const names = async (...parts: string[]): Promise<string[]> => (await readdir(join(...parts)).catch(() => [])).sort();

/** A file's readings are in the log before it is moved: whoever saw them waits for the move too. */
const moved = (...parts: string[]): Promise<unknown> => eventually(async () => (await names(...parts.slice(0, -1))).includes(parts.at(-1)!));

describe("a drop folder", () => {
  let inbox: string;
  let harness: Harness;
  let close: () => Promise<void>;
  before(async () => {
    ({ inbox, harness, close } = await openInbox());
  });
  after(() => close());

  const of = async (device: string): Promise<readonly Reading[]> => (await harness.read("Reading")).filter((reading) => reading.device === device);

  test("a brewery's report: the device is its subfolder, else the folder", async () => {
    await mkdir(join(inbox, "kettle-1"));
    await writeFile(join(inbox, "kettle-1", "report_20260301_120000_000000.json"), REPORT);
    await writeFile(join(inbox, "report_20260301_120000_000000.json"), REPORT);
    const [reading] = await eventually(async () => ((await of("kettle-1")).length > 0 && (await of(basename(inbox))).length > 0) && of("kettle-1"));
    assert.deepEqual([reading?.client, reading?.source, reading?.transport, reading?.origin, reading?.labels], ["default", "dropfolder", "file", "kettle-1/report_20260301_120000_000000.json", { batch_id: "B014-STOUT" }]);
    await moved(inbox, "done", "kettle-1", "report_20260301_120000_000000.json");
    await moved(inbox, "done", "report_20260301_120000_000000.json");
    assert.deepEqual(await names(inbox, "kettle-1"), []);
  });

  test("a logger's CSV: the serial from the file's name, half a line parked by itself, the file done", async () => {
    await writeFile(join(inbox, "E1024_log_20260301.csv"), `${HEADER}01-03-2026;09:00:00;Totalizado;48213,70;M3;G\n01-03-2026;09:00:00;Flujo Insta;-999,0;l/s;B\n01-03-2026;09:01:00;Tota`);
    const readings = await eventually(async () => {
      const found = await of("E1024");
      return found.length === 2 && found;
    });
    assert.deepEqual(readings.map(({ samples, labels }) => [samples[0]?.value, labels]), [[48213.7, {}], [null, { quality: "B" }]]);
    const parked = await eventually(async () => (await harness.read("Parked")).find(({ device }) => device === "E1024"));
    assert.deepEqual([parked.reason, Buffer.from(parked.value).toString(), parked.origin, parked.group], ["malformed-csv", "01-03-2026;09:01:00;Tota", "E1024_log_20260301.csv", "collector"]);
    await moved(inbox, "done", "E1024_log_20260301.csv");
  });

  test("a file that cannot be used is parked whole and moves to failed with its reason", async () => {
    const bad: readonly (readonly [string, string, string | Buffer])[] = [
      ["malformed-json", "a.json", "{"], ["empty", "b.json", ""], ["wrong-type", "c.json", "[1]"], ["not-finite", "d.json", '{"flow":1e999}'], ["invalid-utf8", "e.csv", Buffer.from([0xff, 0xfe])],
      ["too-deep", "f.json", `{"a":${"[".repeat(40)}${"]".repeat(40)}}`], ["unsupported-format", "g.pdf", "%PDF"], ["implausible-time", "h.json", '{"flow":1,"ts":7}'], ["malformed-csv", "i.csv", "what;is"],
    ];
    await mkdir(join(inbox, "bad"));
    for (const [, name, content] of bad) await writeFile(join(inbox, "bad", name), content);
    await eventually(async () => (await names(inbox, "failed", "bad")).length === 2 * bad.length);
    const parked = await harness.read("Parked");
    for (const [why, name, content] of bad) {
      const reason = JSON.parse(await readFile(join(inbox, "failed", "bad", `${name}.reason.json`), "utf8")) as Record<string, unknown>;
      assert.deepEqual([reason["file"], reason["reason"]], [`bad/${name}`, why]);
      assert.ok((await readFile(join(inbox, "failed", "bad", name))).equals(Buffer.from(content)));
      const found = parked.find(({ origin }) => origin === `bad/${name}`);
      assert.deepEqual([found?.reason, found?.device], [why, "bad"], name);
      if (why !== "wrong-type") assert.ok(Buffer.from(found?.value ?? []).equals(Buffer.from(content)), name);
    }
  });

  test("a file over 1 MiB moves to failed", async () => {
    await writeFile(join(inbox, "large.csv"), Buffer.alloc(1024 * 1024 + 1, "x"));
    await moved(inbox, "failed", "large.csv");
    const reason = JSON.parse(await readFile(join(inbox, "failed", "large.csv.reason.json"), "utf8")) as Record<string, unknown>;
    assert.deepEqual([reason["reason"], reason["bytes"]], ["too-large", 1024 * 1024 + 1]);
  });

  test("a file is taken when its writer has finished, whatever date it bears", async () => {
    await mkdir(join(inbox, "slow"));
    const path = join(inbox, "slow", "part.csv");
    const line = (n: number): string => `2026-03-01T12:00:0${n}Z,flow,${n}\n`;
    await writeFile(path, line(0));
    await utimes(path, 1_000_000_000, 1_000_000_000);
    for (let n = 1; n < 8; n++) {
      await new Promise((resolve) => setTimeout(resolve, 12));
      await appendFile(path, line(n));
    }
    await eventually(async () => (await of("slow")).length === 8);
    await moved(inbox, "done", "slow", "part.csv");
  });

  test("trap 20: hidden and temporary names are left alone until they are renamed, and a rename is seen", async () => {
    await mkdir(join(inbox, "rsync"));
    for (const name of [".report.json.Xa3f9C", "copy.json.part", "edit.json~", "x.tmp"]) await writeFile(join(inbox, "rsync", name), REPORT);
    await writeFile(join(inbox, "rsync", "other.json"), REPORT);
    await eventually(async () => (await of("rsync")).length === 1);
    assert.deepEqual(await names(inbox, "rsync"), [".report.json.Xa3f9C", "copy.json.part", "edit.json~", "x.tmp"]);
    await rename(join(inbox, "rsync", ".report.json.Xa3f9C"), join(inbox, "rsync", "report.json"));
    await eventually(async () => (await of("rsync")).length === 2);
  });

  test("the same name again, with other content and with the same", async () => {
    await mkdir(join(inbox, "again"));
    const drop = async (content: string, readings: number): Promise<void> => {
      await writeFile(join(inbox, "again", "r.json"), content);
      await eventually(async () => (await of("again")).length === readings && (await names(inbox, "again")).length === 0);
      await eventually(async () => (await names(inbox, ".caudal")).length === 0);
    };
    await drop('{"flow":1,"ts":1772366400}', 1);
    await drop('{"flow":2,"ts":1772366401}', 2);
    await drop('{"flow":2,"ts":1772366401}', 3);
    assert.equal((await names(inbox, "done", "again")).length, 2);
    assert.equal(new Set((await of("again")).map(({ eventId }) => eventId)).size, 2);
  });

  test("1e308 is a number like others", async () => {
    await mkdir(join(inbox, "big"));
    await writeFile(join(inbox, "big", "b.json"), '{"flow":1e308,"ts":1772366400}');
    const [reading] = await eventually(async () => (await of("big")).length > 0 && of("big"));
    assert.equal(reading?.samples[0]?.value, 1e308);
  });

  test("trap 20: rows without a time have an instant each", async () => {
    await mkdir(join(inbox, "untimed"));
    await writeFile(join(inbox, "untimed", "u.ndjson"), '{"flow":1}\n{"flow":2}\n{"flow":3}\n');
    const readings = await eventually(async () => {
      const found = await of("untimed");
      return found.length === 3 && found;
    });
    assert.equal(new Set(readings.map(({ receivedAtUs }) => receivedAtUs)).size, 3);
  });

  test("links, other folders' depth, and a file that cannot be read", async () => {
    await mkdir(join(inbox, "deep", "2026", "03"), { recursive: true });
    await writeFile(join(inbox, "deep", "2026", "03", "d.json"), REPORT);
    await symlink(join(inbox, "done"), join(inbox, "link"));
    await eventually(async () => (await of("deep")).length === 1);
    await moved(inbox, "done", "deep", "2026", "03", "d.json");
    if (process.getuid?.() === 0) return;
    await writeFile(join(inbox, "locked.json"), REPORT);
    await chmod(join(inbox, "locked.json"), 0);
    await moved(inbox, "failed", "locked.json");
  });
});

test("two thousand files that are there at the start are each taken once", async () => {
  const { inbox, harness, close } = await openInbox({ CAUDAL_DROP_CLIENT: "brewery" });
  try {
    await harness.collector.stop(1000);
    for (let kettle = 0; kettle < 4; kettle++) await mkdir(join(inbox, `kettle-${kettle}`));
    await Promise.all(Array.from({ length: 2000 }, (_, n) => writeFile(join(inbox, `kettle-${n % 4}`, `report_${n}.json`), `{"timestamp":${1_772_366_400 + n},"temperature_celsius":${n}}`)));
    await harness.collector.start();
    await eventually(async () => (await harness.read("Reading")).length >= 2000, 15_000);
    const readings = await harness.read("Reading");
    assert.deepEqual(readings.map(({ samples }) => Number(samples[0]?.value)).sort((a, b) => a - b), Array.from({ length: 2000 }, (_, n) => n));
    assert.ok(readings.every(({ client }) => client === "brewery"));
    await eventually(async () => (await Promise.all([0, 1, 2, 3].map((kettle) => names(inbox, "done", `kettle-${kettle}`)))).flat().length === 2000);
  } finally {
    await close();
  }
});

test("while the log is away files wait, and a stop leaves them for the next start", async () => {
  let away = true;
  const { inbox, harness, close } = await openInbox({}, (log): EventLog => new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
    ? async (...args: Parameters<EventLog["publish"]>) => (away ? Promise.reject(new CaudalError("unavailable", "the log is away")) : target.publish(...args))
    : (target[name] as (...args: never[]) => unknown).bind(target) }));
  try {
    await writeFile(join(inbox, "r.json"), REPORT);
    await eventually(async () => (await names(inbox, ".caudal")).length === 1);
    await harness.collector.stop(1000);
    assert.deepEqual([await names(inbox, "done"), (await harness.read("Reading")).length], [[], 0]);
    away = false;
    await harness.collector.start();
    await eventually(async () => (await names(inbox, "done")).length === 1);
    assert.equal((await harness.read("Reading")).length, 1);
    assert.equal(harness.collector.status().dropFolder?.problem, undefined);
  } finally {
    await close();
  }
});

test("a folder that goes away is a problem until it is back", async () => {
  const { inbox, harness, close } = await openInbox();
  try {
    await rename(inbox, `${inbox}.away`);
    await eventually(() => harness.collector.health().status === "degraded");
    await rename(`${inbox}.away`, inbox);
    await eventually(() => harness.collector.health().status === "ok");
  } finally {
    await close();
  }
});

test("killed at any step, no file is lost and no event is two", async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-drop-kill-"));
  const inbox = join(folder, "inbox");
  await mkdir(join(inbox, "kettle"), { recursive: true });
  const run = async (step: string): Promise<void> => {
    const child = spawn(process.execPath, [new URL("../test-parts/drop-child.ts", import.meta.url).pathname, join(folder, "data"), inbox, step], { stdio: ["ignore", "ignore", "inherit"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (step !== "never") return void (await ended);
    await eventually(async () => (await names(inbox, "kettle")).length === 0 && (await names(inbox, ".caudal")).length === 0);
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const points = ["claim/after", "read/after", "publish/before", "publish/after", "move/after", "close/before"];
    const steps = points.map((point) => point.replace("/", "-"));
    for (const [at, step] of steps.entries()) {
      await writeFile(join(inbox, "kettle", `${step}.ndjson`), `{"flow":1,"step":"${step}"}\n{"flow":2,"step":"${step}"}\n`);
      await writeFile(join(inbox, "kettle", `${step}.json`), "{");
      await run(points[at]!);
    }
    await run("never");
    assert.deepEqual(await names(inbox, "done", "kettle"), steps.map((step) => `${step}.ndjson`).sort());
    assert.deepEqual(await names(inbox, "failed", "kettle"), steps.flatMap((step) => [`${step}.json`, `${step}.json.reason.json`]).sort());
    const events = await eventsOf(join(folder, "data"));
    // What was published twice says the very same: the event, its instant, its values.
    const distinct = new Map(events.readings.map((reading) => [reading.eventId, `${reading.receivedAtUs} ${JSON.stringify(reading.samples)} ${reading.labels["step"]}`]));
    assert.equal(distinct.size, steps.length * 2);
    for (const reading of events.readings) assert.equal(distinct.get(reading.eventId), `${reading.receivedAtUs} ${JSON.stringify(reading.samples)} ${reading.labels["step"]}`);
    assert.ok(events.readings.length > distinct.size, "the kill after publishing did publish again");
    assert.equal(new Set(events.parked.map(({ eventId }) => eventId)).size, steps.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function eventsOf(directory: string): Promise<{ readings: readonly Reading[]; parked: readonly { eventId: string }[] }> {
  const { openEmbeddedLog, openFileRegistry } = await import("@caudal/embedded");
  const { Codec } = await import("@caudal/schemas");
  const log = await openEmbeddedLog({ directory });
  try {
    const codec = await Codec.open(openFileRegistry());
    const all = async <N extends "Reading" | "Parked">(name: N, topic: string): Promise<readonly (N extends "Reading" ? Reading : { eventId: string })[]> => {
      const found: unknown[] = [];
      for (const { partition, startOffset } of await log.bounds(topic)) {
        for (const { value } of (await log.read({ topic, partition, fromOffset: startOffset })).records) {
          const decoded = codec.decode(name, value);
          if (decoded.ok) found.push(decoded.value);
        }
      }
      return found as never;
    };
    return { readings: await all("Reading", "caudal.readings"), parked: await all("Parked", "caudal.parked") };
  } finally {
    await log.close();
  }
}
