import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { guessVariable, parseUnit } from "@caudal/core";
import { defaultDataDir, readCatalog } from "./index.ts";
import type { Catalog } from "./index.ts";
import { countDue, firstPlacement } from "./schedule.ts";
import { readSeries } from "./series.ts";
import type { Series } from "./series.ts";

const NOW = Date.UTC(2026, 2, 10, 15, 20, 30, 400);
const dataDir = defaultDataDir();
let catalog: Catalog;
const all = new Map<string, Series>();

before(async () => {
  catalog = await readCatalog(dataDir);
  for (const entry of catalog.series) all.set(entry.device, readSeries(entry, gunzipSync(await readFile(join(dataDir, entry.file)))));
});

function series(device: string): Series {
  const found = all.get(device);
  assert.ok(found !== undefined, device);
  return found;
}

const column = (device: string, key = 0): (string | null)[] => Array.from(series(device).timesMs, (_, i) => series(device).values(i)[key] ?? null);
const fallsBy = (device: string): number[] => column(device).map((value, i, list) => Number(list[i - 1] ?? value) - Number(value)).filter((fall) => fall > 0);

test("the first start loads between 50,000 and 200,000 rows, and no more than 50 a second follow", () => {
  let backfill = 0;
  let nextHour = 0;
  for (const one of all.values()) {
    const placement = firstPlacement(one, NOW);
    const due = countDue(one, placement, NOW);
    backfill += due;
    nextHour += countDue(one, { ...placement, next: due }, NOW + 3_600_000);
  }
  assert.ok(backfill > 50_000 && backfill < 200_000, `${backfill} rows`);
  assert.ok(nextHour / 3600 < 15, `${nextHour / 3600} rows a second`);
});

test("at least five points change in every second of a day, but for one in a thousand", () => {
  const played = [...all.values()].filter((one) => one.entry.time === "compressed").map((one) => {
    const rows = one.timesMs.length;
    const differs = (i: number): boolean => String(one.values(i)) !== String(one.values((i + rows - 1) % rows));
    return { changes: Array.from({ length: rows }, (_, i) => differs(i)), start: countDue(one, firstPlacement(one, NOW), NOW) };
  });
  const few: number[] = [];
  for (let second = 0; second < 86_400; second += 1) {
    const changed = played.filter(({ changes, start }) => changes[(start + second) % changes.length]).length;
    if (changed < 5) few.push(second);
  }
  assert.ok(few.length <= 86, `${few.length} seconds: ${few.slice(0, 10).join(" ")}`);
});

test("flow, total and level are there, and every unit reaches the pipeline", () => {
  const seen = new Set<string>();
  for (const { entry } of all.values()) {
    for (const { key, unit } of entry.keys) {
      const guess = guessVariable(key, entry.style === "sensors" ? unit : null);
      assert.equal(parseUnit(guess.unit)?.code, parseUnit(unit)?.code, `${entry.device} ${key}`);
      seen.add(guess.variable);
    }
  }
  for (const variable of ["flow", "total", "level", "temperature"]) assert.ok(seen.has(variable), variable);
});

test("the nights when clocks change leave every meter’s hours apart and in order", () => {
  for (const one of all.values()) {
    if (one.entry.format !== "daiad-meter") continue;
    one.timesMs.forEach((time, i) => assert.ok(i === 0 || time > (one.timesMs[i - 1] ?? time), `${one.entry.device} at ${new Date(time).toISOString()}`));
  }
});

test("the ugliness is left in", () => {
  assert.ok(fallsBy("hogar-05").includes(12_288), "corrupted bits");
  assert.ok(fallsBy("hogar-06").length > 0 && fallsBy("hogar-12").length > 0, "totals that step back");
  assert.ok(column("hogar-07").includes("6e+05"), "scientific notation");
  const gapDays = (device: string): number => Math.max(...series(device).timesMs.map((time, i, list) => (i === 0 ? 0 : time - (list[i - 1] ?? 0)))) / 86_400_000;
  assert.ok(gapDays("hogar-08") > 18 && gapDays("hogar-09") > 18 && gapDays("pozo-seppe-2") > 180, "silences");
  const shower = series("ducha-01").timesMs;
  assert.ok(shower.some((time, i) => time < (shower[i - 1] ?? 0)) && shower.some((time, i) => time === shower[i - 1]), "late rows and repeated times");
  assert.equal(column("rio-logan").filter((value) => value === "-9999").length, 37, "sensor faults");
  assert.equal(column("rio-logan", 3).filter((value) => value === null).length, 1, "NULL is no value");
  assert.ok(Number(column("pozo-gxg")[0]) < 0, "below the datum");
});

test("each folder carries its origin, licence and credit, and NOTICE names it", async () => {
  const notice = await readFile(join(dataDir, "../../NOTICE"), "utf8");
  for (const dataset of Object.values(catalog.datasets)) {
    const folder = dirname(dataset.licenceFile);
    assert.ok((await readFile(join(dataDir, dataset.licenceFile), "utf8")).length > 1000, dataset.licenceFile);
    const source = await readFile(join(dataDir, folder, "SOURCE.txt"), "utf8");
    for (const part of ["Origin:", "Credit:", "Licence:", "Changed:", dataset.origin]) assert.ok(source.includes(part), `${folder}: ${part}`);
    assert.ok(notice.includes(`examples/data/${folder}/`) && notice.includes(dataset.origin), `NOTICE: ${folder}`);
  }
});

test("the whole folder stays under 3 MB", async () => {
  const files = await readdir(dataDir, { recursive: true });
  const bytes = await Promise.all(files.map(async (file) => (await stat(join(dataDir, file))).size));
  assert.ok(bytes.reduce((sum, size) => sum + size, 0) < 3_000_000);
});
