import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { openCassandraTier } from "@caudal/cassandra";
import type { Measurement } from "@caudal/schemas";
import { dropKeyspace, testKeyspace } from "../../adapters/cassandra/test-keyspace.ts";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { createCalendar, type BucketResolution } from "../buckets/calendar.ts";
import { bucketOf, factsOf } from "../test-model.ts";
import { measurement, openScene, type Scene } from "../test-scene.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const text = (timeUs: number): string => new Date(timeUs / 1000).toISOString();
const NOW = us("2026-04-06T02:10:00Z");
const KNOWN = us("2026-04-05T00:00:00Z");
const MINUTES = 2 * 24 * 60;
const resolutions = ["raw", "1m", "15m", "1h", "1d", "1mo"] as const;

let scene: Scene;
let points = 0;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

interface Answer {
  readonly asOf?: string;
  readonly items: readonly { readonly time: string; readonly [variable: string]: unknown }[];
  readonly coverage: { readonly received: number };
  readonly served: readonly { readonly tier?: string; readonly rollup?: string }[];
  readonly next: string | null;
}

const newPoint = (): Promise<string> => scene.adopt("demo", `meter-${points++}`, [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);

async function pages(point: string, query: string): Promise<Answer> {
  const all: Answer[] = [];
  let next: string | null = null;
  do {
    const page: Answer = await scene.json(`/api/v1/analytics/points/${point}/history?${query}${next === null ? "" : `&cursor=${next}`}`);
    all.push(page);
    next = page.next;
  } while (next !== null);
  return { ...all[0]!, items: all.flatMap(({ items }) => items), served: all.flatMap(({ served }) => served) };
}

const said = fc.record({
  minute: fc.integer({ min: 0, max: 300 }), thousandths: fc.integer({ min: 0, max: 1_000_000 }), knownMinute: fc.integer({ min: 0, max: 60 }),
  what: fc.constantFrom("good", "good", "bad", "withdrawn", "by-a-person"),
});

async function agreesWithModel(numRuns: number): Promise<void> {
  const run = fc.record({
    facts: fc.array(said, { minLength: 1, maxLength: 60 }), asOfMinute: fc.integer({ min: -1, max: 61 }), resolution: fc.constantFrom(...resolutions), limit: fc.constantFrom(2, 5000),
  });
  await fc.assert(fc.asyncProperty(run, async ({ facts, asOfMinute, resolution, limit }) => {
    const point = await newPoint();
    const sent = facts.map(({ minute, thousandths, knownMinute, what }, index): Measurement => measurement(point, NOW - (MINUTES - minute * 7) * 60e6, {
      flow: { value: what === "withdrawn" ? null : thousandths / 1000, flag: what === "bad" ? 4 : 1, reasons: what === "withdrawn" ? ["withdrawn"] : [] },
    }, { receivedAtUs: NOW, knownAtUs: KNOWN + knownMinute * 60e6 + index, authority: what === "by-a-person" ? 1 : 0 }));
    await scene.publish(sent);
    await scene.rolledUp();
    const asOfUs = KNOWN + asOfMinute * 60e6;
    const [fromUs, toUs] = [NOW - (MINUTES + 60) * 60e6, NOW];
    const answer = await pages(point, `from=${text(fromUs)}&to=${text(toUs)}&resolution=${resolution}&limit=${limit}&asOf=${text(asOfUs)}`);
    assert.equal(us(answer.asOf ?? ""), asOfUs);
    const known = factsOf(sent.filter(({ knownAtUs }) => knownAtUs <= asOfUs), point, "flow");
    assert.equal(answer.coverage.received, known.length);
    assert.ok(answer.served.every(({ tier }) => tier === "cold"), "stored rollups, hot and warm know only what holds now");
    if (resolution === "raw") {
      assert.deepEqual(answer.items, known.map(({ timeUs, value, flag }) => {
        const reasons = sent.find((one) => one.instantUs === timeUs && one.facts[0]?.value === value)?.facts[0]?.reasons ?? [];
        return { time: text(timeUs).replace(".000Z", "Z"), flow: { value, flag, ...(reasons.length === 0 ? {} : { reasons }) } };
      }));
      return;
    }
    const calendar = createCalendar(resolution as BucketResolution, "UTC");
    const starts = [...new Set(known.map(({ timeUs }) => calendar.spanAt(timeUs).fromUs))].sort((a, b) => a - b);
    assert.deepEqual(answer.items.map(({ time }) => us(time)), starts);
    for (const item of answer.items) {
      const { mean: _, coverage: __, ...cell } = item["flow"] as Record<string, unknown>;
      const { mean: ___, ...expected } = bucketOf(known, calendar.spanAt(us(item.time)), false)!;
      assert.deepEqual(cell, expected);
    }
  }), { numRuns, endOnFailure: true });
}

test("a history as of any instant is what a model of all that was known by then gives, at every resolution", () => agreesWithModel(30));

withEngine("cassandra", (serverUrl) => {
  test("Cassandra shows what was known at any instant as well, and every revision", async () => {
    const { url, keyspace } = testKeyspace(serverUrl, "as_of");
    const embedded = scene;
    scene = await openScene({ nowUs: NOW, openCold: () => openCassandraTier({ url, name: "cold" }) });
    try {
      await agreesWithModel(12);
      await revisionsAreListed();
    } finally {
      await scene.close();
      scene = embedded;
      await dropKeyspace(serverUrl, keyspace);
    }
  });
});

test("CSV and NDJSON look back too and say so, and nobody may keep the answer", async () => {
  const point = await newPoint();
  const at = us("2026-04-05T10:00:00Z");
  await scene.publish([measurement(point, at, { flow: 1 }, { knownAtUs: at, receivedAtUs: at }), measurement(point, at, { flow: 2 }, { knownAtUs: at + 3600e6, receivedAtUs: at + 3600e6 })]);
  await scene.settled();
  const query = `from=2026-04-05&to=2026-04-06&resolution=raw&asOf=2026-04-05T10:30:00Z`;
  const csv = await scene.get(`/api/v1/analytics/points/${point}/history?${query}&format=csv`);
  const body = await csv.text();
  assert.match(body, /# as of: 2026-04-05T10:30:00Z\n/);
  assert.match(body, /\n2026-04-05T10:00:00Z,1,1,,\n$/);
  assert.match(csv.headers.get("content-disposition") ?? "", /-as-of-20260405\.csv"$/);
  assert.equal(csv.headers.get("cache-control"), "no-store");
  const lines = (await (await scene.get(`/api/v1/analytics/points/${point}/history?${query}&format=ndjson`)).text()).trim().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [{ time: "2026-04-05T10:00:00Z", flow: { value: 1, flag: 1 } }]);
  const santiago = await pages(point, "from=2026-04-05&to=2026-04-06&resolution=raw&tz=America/Santiago&asOf=2026-04-05T08:00:00");
  assert.deepEqual(santiago.items.map((item) => item["flow"]), [{ value: 2, flag: 1 }], "a time without an offset is one of the zone: four hours behind");
});

test("an instant that is still to come, or none, is refused", async () => {
  const point = await newPoint();
  for (const [asOf, detail] of [["2026-04-07T00:00:00Z", /still to come/], ["yesterday", /not a time/]] as const) {
    const response = await scene.get(`/api/v1/analytics/points/${point}/history?asOf=${asOf}`, { "accept-language": "en" });
    const problem = await response.json() as { field: string; detail: string };
    assert.deepEqual([response.status, problem.field], [400, "query.asOf"]);
    assert.match(problem.detail, detail);
  }
});

test("every revision of an instant is listed, the one that holds first", () => revisionsAreListed());

async function revisionsAreListed(): Promise<void> {
  const point = await newPoint();
  const at = us("2026-04-05T10:00:00Z");
  const known = (minutes: number): { knownAtUs: number; receivedAtUs: number } => ({ knownAtUs: at + minutes * 60e6, receivedAtUs: at + minutes * 60e6 });
  await scene.publish([
    measurement(point, at, { flow: 1, total: 5 }, known(1)), measurement(point, at, { flow: { value: 2, flag: 3, reasons: ["rate"] } }, known(2)),
    measurement(point, at, { flow: 7 }, { ...known(3), authority: 1 }), measurement(point, at, { flow: { value: null, flag: 2, reasons: ["withdrawn"] } }, known(4)),
  ]);
  await scene.settled();
  const { items } = await scene.json<{ items: Record<string, unknown>[] }>(`/api/v1/analytics/points/${point}/revisions?at=2026-04-05T10:00:00Z`);
  const brief = items.map(({ variable, authority, value, flag, holds, withdrawn, knownAt }) => [variable, authority, value, flag, holds, withdrawn, String(knownAt).slice(11, 16)]);
  assert.deepEqual(brief, [
    ["flow", 1, 7, 1, true, false, "10:03"], ["flow", 0, null, 2, false, true, "10:04"], ["flow", 0, 2, 3, false, false, "10:02"], ["flow", 0, 1, 1, false, false, "10:01"],
    ["total", 0, 5, 1, true, false, "10:01"],
  ]);
  const only = await scene.json<{ items: unknown[] }>(`/api/v1/analytics/points/${point}/revisions?at=2026-04-05T10:00:00Z&variable=total`);
  assert.equal(only.items.length, 1);
  scene.as({ clients: ["other"] });
  assert.equal((await scene.get(`/api/v1/analytics/points/${point}/revisions?at=2026-04-05T10:00:00Z`)).status, 404);
  scene.as({ clients: "all" });
}

test("while cold is left behind by the other tiers nobody says what was known", async () => {
  const behind = await openScene({ nowUs: NOW, paused: ["cold"] });
  try {
    const point = await behind.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }]);
    const at = NOW - 3600e6;
    await behind.publish([measurement(point, at, { flow: 1 }, { knownAtUs: at, receivedAtUs: at })]);
    await behind.settled();
    // What is behind for no longer than the tolerance is not behind: the positions are looked at as time passes.
    for (let look = 0; look < 4; look++) {
      behind.clock.skip(600);
      await behind.parts.history.columnsOf({ clients: "all" }, (await behind.parts.directory.find({ clients: "all" }, point))!);
      await behind.get(`/api/v1/analytics/points/${point}/history`);
    }
    const response = await behind.get(`/api/v1/analytics/points/${point}/history?asOf=${text(NOW - 1e6)}`);
    assert.equal(response.status, 503);
    assert.ok(response.headers.get("retry-after") !== null);
    await behind.resume("cold");
    await behind.settled();
    behind.clock.skip(600);
    const { items } = await behind.json<Answer>(`/api/v1/analytics/points/${point}/history?asOf=${text(NOW - 1e6)}&resolution=raw`);
    assert.equal(items.length, 1);
  } finally {
    await behind.close();
  }
});
