import assert from "node:assert/strict";
import { test } from "node:test";
import { dailyOf, rawOf, sameDaily, sameRaw } from "./answers.ts";
import { csvText, dailyJson } from "./table.ts";
import { dailyTruth, rawTruth } from "./truth.ts";
import { DAY_MS, firstMsOf, ROWS, ROWS_A_DAY, yearOf } from "./year.ts";

const FIRST_MS = firstMsOf(Date.parse("2026-03-01T12:00:00Z"));
const rows = [...yearOf(3, FIRST_MS)].map(({ atMs, total, flow, level }) => [atMs, total, 1, flow, 1, level, 1]);

test("a year has its instants, and its totaliser never goes back", () => {
  const times = [...yearOf(0, FIRST_MS)];
  assert.equal(new Date(FIRST_MS).toISOString(), "2025-03-01T00:00:00.000Z");
  assert.deepEqual([times.length, times[0]?.atMs, times.at(-1)?.atMs], [ROWS, FIRST_MS, FIRST_MS + 365 * DAY_MS - 300_000]);
  assert.ok(times.every(({ total }, row) => row === 0 || total > times[row - 1]!.total));
});

test("rows as a table writes them are those that were sent; one that is missing or another is found", async () => {
  const body = await joined(csvText([rows.slice(0, 5000), rows.slice(5000)]));
  const truth = rawTruth(3, FIRST_MS);
  const found = rawOf(`# point: p\n${body}`);
  sameRaw("it", found, truth);
  assert.throws(() => sameRaw("it", found.slice(1), truth), /it gives 105119 of 105120 rows/);
  assert.throws(() => sameRaw("it", found.with(7, "2025"), truth), /1 others than expected/);
  assert.throws(() => rawOf("time,flow\n1,2\n"), /has the columns time, flow/);
});

test("daily buckets as a table writes them are those of what was sent; one number off is found", () => {
  const truth = dailyTruth(3, FIRST_MS);
  const days = [...truth.keys()].filter((name) => name.endsWith("total")).map((name) => name.slice(0, 20));
  const row = (day: string): number[] => [Date.parse(day), ...["total", "flow", "level"].flatMap((variable) => truth.get(`${day} ${variable}`)!)];
  const found = dailyOf(dailyJson(days.map(row)));
  sameDaily("it", found, truth);
  assert.equal(found.get(`${days[0]} flow`)?.[3], ROWS_A_DAY);
  const [name, numbers] = [...found][4]!;
  assert.throws(() => sameDaily("it", new Map(found).set(name, numbers.with(1, numbers[1]! * 1.000001)), truth), /1 others than expected/);
  assert.throws(() => sameDaily("it", new Map([...found].slice(1)), truth), /1094 of 1095/);
});

async function joined(texts: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const text of texts) all += text;
  return all;
}
