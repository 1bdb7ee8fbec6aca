import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { Measurement } from "@caudal/schemas";
import { createCalendar, MINUTE_US } from "../buckets/calendar.ts";
import { measurement, openScene, type Scene } from "../test-scene.ts";
import type { DayItem } from "./operation.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const text = (timeUs: number): string => new Date(timeUs / 1000).toISOString();
const NOW = us("2026-09-12T15:00:00Z");
const LPS = 2;

let scene: Scene;
let points = 0;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

interface Answer {
  readonly from: string;
  readonly to: string;
  readonly tz: string;
  readonly items: readonly DayItem[];
  readonly next: string | null;
}

const newPoint = (): Promise<string> => scene.adopt("demo", `meter-${points++}`, [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);
const balance = (point: string, query: string): Promise<Answer> => scene.json<Answer>(`/api/v1/analytics/points/${point}/balance?${query}`);

/** Readings every so many minutes from an instant to another: a steady flow, and the volume that it gives. */
function steady(point: string, from: string, to: string, more: { readonly minutes?: number; readonly lps?: number; readonly variable?: string } = {}): Measurement[] {
  const { minutes = 15, lps = LPS, variable = "volume" } = more;
  const made: Measurement[] = [];
  for (let timeUs = us(from); timeUs < us(to); timeUs += minutes * MINUTE_US) made.push(measurement(point, timeUs, { flow: lps, [variable]: ((timeUs - us(from)) / 1e6) * LPS / 1000 }));
  return made;
}

test("the days on which Chile moves its clocks have 25 and 23 hours, and as much water", async () => {
  const point = await newPoint();
  await scene.publish([...steady(point, "2026-04-03T12:00:00Z", "2026-04-06T12:00:00Z"), ...steady(point, "2026-09-04T12:00:00Z", "2026-09-08T12:00:00Z").map((one) => ({ ...one, facts: one.facts.map((fact) => (fact.variable === "volume" ? { ...fact, value: fact.value! + 10_000 } : fact)) }))]);
  await scene.settled();
  const april = await balance(point, "from=2026-04-04&to=2026-04-06");
  assert.deepEqual(april.items.map(({ day, hours, flowM3, totaliserM3, verdict, coverage }) => [day, hours, flowM3, totaliserM3, verdict, coverage]), [["2026-04-04", 25, 180, 180, "agrees", 1], ["2026-04-05", 24, 172.8, 172.8, "agrees", 1]]);
  assert.deepEqual([april.items[0]!.from, april.items[0]!.to, april.tz], ["2026-04-04T00:00:00-03:00", "2026-04-05T00:00:00-04:00", "America/Santiago"]);
  const september = await balance(point, "from=2026-09-05&to=2026-09-08");
  assert.deepEqual(september.items.map(({ day, hours, flowM3, totaliserM3, verdict }) => [day, hours, flowM3, totaliserM3, verdict]), [["2026-09-05", 24, 172.8, 172.8, "agrees"], ["2026-09-06", 23, 165.6, 165.6, "agrees"], ["2026-09-07", 24, 172.8, 172.8, "agrees"]]);
  assert.equal(september.items[1]!.from, "2026-09-06T01:00:00-03:00");
  const between = await balance(point, "from=2026-05-01&to=2026-05-02");
  assert.deepEqual(between.items.map(({ verdict, why, flowM3 }) => [verdict, why, flowM3]), [["not-comparable", "no-counts", null]]);
  const utc = await balance(point, "from=2026-04-05&to=2026-04-06&tz=UTC");
  assert.deepEqual([utc.items[0]!.hours, utc.items[0]!.from], [24, "2026-04-05T00:00:00Z"]);
});

test("late and corrected data are in it at once, and a balance as of then says what was known", async () => {
  const point = await newPoint();
  const [known, later] = [us("2026-09-05T00:00:00Z"), us("2026-09-10T00:00:00Z")];
  const all = steady(point, "2026-09-02T00:00:00Z", "2026-09-04T12:00:00Z").map((one) => ({ ...one, receivedAtUs: known, knownAtUs: known }));
  const isLate = ({ instantUs }: Measurement): boolean => instantUs >= us("2026-09-03T09:00:00Z") && instantUs < us("2026-09-03T20:00:00Z");
  await scene.publish(all.filter((one) => !isLate(one)));
  await scene.settled();
  const day = async (more = ""): Promise<DayItem> => (await balance(point, `from=2026-09-03&to=2026-09-04${more}`)).items[0]!;
  assert.deepEqual(((found) => [found.verdict, found.why, found.totaliserM3, found.coverage])(await day()), ["not-comparable", "coverage", 172.8, 0.5313]);
  await scene.publish(all.filter(isLate).map((one) => ({ ...one, receivedAtUs: later, knownAtUs: later })));
  await scene.settled();
  assert.deepEqual(((found) => [found.verdict, found.flowM3, found.coverage])(await day()), ["agrees", 172.8, 1]);
  // A person says that the flow meter showed half of it.
  await scene.publish(all.filter(({ instantUs }) => instantUs >= us("2026-09-03T04:00:00Z")).map(({ instantUs }) => measurement(point, instantUs, { flow: LPS / 2 }, { authority: 1, receivedAtUs: later + 1e6, knownAtUs: later + 1e6 })));
  await scene.settled();
  const corrected = await day();
  assert.deepEqual([corrected.verdict, corrected.totaliserM3], ["differs", 172.8]);
  assert.ok(corrected.differenceM3! < -80);
  assert.deepEqual(((found) => [found.verdict, found.why])(await day("&asOf=2026-09-09")), ["not-comparable", "coverage"]);
  assert.equal((await day("&asOf=2026-09-09T22:00:00-03:00")).why, null);
});

test("the totaliser's m3 are the consumption that the history of the day shows", async () => {
  const zone = "America/Santiago";
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.record({ minute: fc.integer({ min: 0, max: 4 * 1440 }), growth: fc.integer({ min: 0, max: 9_999 }) }), { minLength: 5, maxLength: 120, selector: ({ minute }) => minute }), async (rows) => {
    const point = await newPoint();
    const start = us("2026-09-04T04:00:00Z");
    let thousandths = 5_000_000;
    const sent = rows.sort((a, b) => a.minute - b.minute).map(({ minute, growth }) => measurement(point, start + minute * MINUTE_US, { volume: (thousandths += growth) / 1000, flow: growth / 1000 }));
    await scene.publish([...sent].reverse());
    await scene.settled();
    const { items } = await balance(point, "from=2026-09-04&to=2026-09-09");
    const history = await scene.json<{ items: { time: string; volume?: { consumption: number | null } }[] }>(`/api/v1/analytics/points/${point}/history?from=2026-09-04&to=2026-09-09&resolution=1d&tz=${zone}&variables=volume`);
    const calendar = createCalendar("1d", zone);
    for (const item of items) {
      const shown = history.items.find(({ time }) => us(time) === calendar.spanAt(us(item.from)).fromUs)?.volume?.consumption ?? null;
      const counted = sent.filter(({ instantUs }) => instantUs >= us(item.from) && instantUs < us(item.to)).map(({ facts }) => Math.round(facts[0]!.value! * 1000));
      const before = sent.filter(({ instantUs }) => instantUs < us(item.from)).map(({ facts }) => Math.round(facts[0]!.value! * 1000)).at(-1);
      assert.equal(item.totaliserM3, counted.length === 0 || before === undefined ? null : (counted.at(-1)! - before) / 1000);
      if (before !== undefined) assert.equal(item.totaliserM3, shown);
      assert.ok(item.coverage >= 0 && item.coverage <= 1);
    }
  }), { numRuns: 12, endOnFailure: true });
});

test("a day says the same alone, in a page of many, and in a longer range", async () => {
  const point = await newPoint();
  const odd = steady(point, "2026-08-20T00:00:00Z", "2026-09-11T00:00:00Z", { minutes: 37 }).filter(({ instantUs }) => Math.floor(instantUs / 3.6e9) % 29 > 3 && (instantUs < us("2026-08-27T05:00:00Z") || instantUs > us("2026-09-01T17:00:00Z")));
  await scene.publish(odd);
  await scene.settled();
  const whole = (await balance(point, "from=2026-08-18&to=2026-09-12&limit=400")).items;
  const paged: DayItem[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Answer = await balance(point, `from=2026-08-18&to=2026-09-12&limit=4${cursor === "" ? "" : `&cursor=${cursor}`}`);
    paged.push(...page.items);
    cursor = page.next;
  }
  assert.deepEqual(paged, whole);
  for (const item of whole) assert.deepEqual((await balance(point, `from=${item.day}&to=${item.to.replace("+", "%2B")}`)).items, [item]);
  assert.ok(whole.some(({ verdict }) => verdict === "agrees"));
  const back = whole.find(({ day }) => day === "2026-09-01");
  assert.deepEqual([back?.why, (back?.totaliserM3 ?? 0) > 4 * 172.8], ["count-gap", true], "what was counted while nobody heard it is in the day it was heard");
});

test("a dial that was set aside is no count, and a reset is no consumption", async () => {
  const point = await newPoint();
  const rows = steady(point, "2026-09-07T00:00:00Z", "2026-09-09T12:00:00Z", { variable: "total" });
  rows[50] = measurement(point, rows[50]!.instantUs, { flow: LPS, total: { value: 17, flag: 3, reasons: ["truncated", "total-decreased"] } });
  await scene.publish(rows);
  await scene.settled();
  const days = async (): Promise<unknown[]> => (await balance(point, "from=2026-09-07&to=2026-09-09")).items.map(({ totaliser, totaliserM3, verdict, why }) => [totaliser, totaliserM3, verdict, why]);
  assert.deepEqual(await days(), [["total", 172.8, "agrees", null], ["total", 172.8, "agrees", null]]);
  const again = rows.find(({ instantUs }) => instantUs === us("2026-09-08T12:00:00Z"))!;
  await scene.publish([measurement(point, again.instantUs, { total: { value: 260, flag: 3, reasons: ["counter-reset", "estimated", "total-decreased"] } })]);
  await scene.settled();
  assert.deepEqual((await days())[1], ["total", 172.8, "not-comparable", "reset"]);
});

test("what the point lacks, and the day that is not over", async () => {
  const [noFlow, noTotal] = [await scene.adopt("demo", "only-total", [{ key: "total", unit: "m3" }]), await scene.adopt("demo", "only-flow", [{ key: "flow", unit: "L/s" }])];
  const empty = await newPoint();
  const why = async (point: string, query: string): Promise<unknown> => (await balance(point, query)).items.map((item) => item.why);
  assert.deepEqual(await why(noFlow, "from=2026-09-10&to=2026-09-11"), ["no-flow"]);
  assert.deepEqual(await why(noTotal, "from=2026-09-10&to=2026-09-11"), ["no-totaliser"]);
  assert.deepEqual(await why(empty, "from=2026-09-11&to=2026-09-13"), ["no-counts", "day-open"]);
  assert.equal((await balance(empty, "")).items.length, 31);
});

test("CSV has a row a day, and a spreadsheet's columns", async () => {
  const point = await newPoint();
  await scene.publish(steady(point, "2026-09-09T00:00:00Z", "2026-09-12T00:00:00Z"));
  await scene.settled();
  const response = await scene.get(`/api/v1/analytics/points/${point}/balance?from=2026-09-10&to=2026-09-12&limit=1`, { accept: "text/csv" });
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.match(response.headers.get("content-disposition") ?? "", /caudal-balance-.*-2026-09-10\.csv/);
  const lines = (await response.text()).trim().split("\n").filter((line) => !line.startsWith("#"));
  assert.deepEqual(lines, [
    "day,from,to,hours,flow_m3,coverage,totaliser,totaliser_m3,difference_m3,difference_percent,allowed_m3,verdict,why",
    "2026-09-10,2026-09-10T00:00:00-03:00,2026-09-11T00:00:00-03:00,24,172.8,1,volume,172.8,0,0,17.28,agrees,",
    "2026-09-11,2026-09-11T00:00:00-03:00,2026-09-12T00:00:00-03:00,24,149.4,0.8646,volume,151.2,,,,not-comparable,count-gap",
  ]);
});

test("what cannot be is refused and named; another's point is not there", async () => {
  const point = await newPoint();
  for (const [query, field] of [["from=yesterday", "query.from"], ["from=2026-09-02&to=2026-09-01", "query.from"], ["from=1990-01-01", "query.from"], ["tz=Mars", "query.tz"], ["asOf=2027-01-01", "query.asOf"], ["cursor=xyz", "query.cursor"], ["limit=0", "query.limit"], ["tolerancePercent=-1", "query.tolerancePercent"]]) {
    const response = await scene.get(`/api/v1/analytics/points/${point}/balance?${query}`);
    const problem = await response.json() as { field?: string; errors?: { field: string }[] };
    assert.deepEqual([response.status, problem.field ?? problem.errors?.[0]?.field], [400, field], query);
  }
  scene.as({ clients: ["other"] });
  assert.equal((await scene.get(`/api/v1/analytics/points/${point}/balance`)).status, 404);
  scene.as({ clients: "all" });
  scene.absent.add("cold");
  const away = await scene.get(`/api/v1/analytics/points/${point}/balance?from=2026-01-01&to=2026-01-09&format=csv`);
  scene.absent.delete("cold");
  assert.equal(away.status, 503);
  assert.equal(text(NOW).slice(0, 4), "2026");
});
