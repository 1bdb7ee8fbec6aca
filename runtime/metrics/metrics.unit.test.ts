import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "./metrics.ts";
import { metricRows, type MetricRow } from "./rows.ts";

const rows: readonly MetricRow[] = metricRows;

/** Families of an exposition: name to type and help. */
function families(text: string): Map<string, { type: string; help: string }> {
  const found = new Map<string, { type: string; help: string }>();
  for (const line of text.split("\n")) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const family = found.get(name) ?? { type: "", help: "" };
    found.set(name, kind === "HELP" ? { ...family, help: rest } : { ...family, type: rest });
  }
  return found;
}

test("a registry exposes exactly the rows", async () => {
  const shown = families(await createMetrics({ process: false }).text());
  const expected = new Map(rows.map((row) => [row.name, { type: row.kind, help: row.help }]));
  assert.deepEqual([...shown].sort(), [...expected].sort());
});

test("with the process's own, nothing else bears our name", async () => {
  const names = [...families(await createMetrics().text()).keys()];
  assert.deepEqual(names.filter((name) => name.startsWith("caudal_")).sort(), rows.map(({ name }) => name).sort());
  for (const name of names.filter((one) => !one.startsWith("caudal_"))) assert.match(name, /^(process|nodejs)_/);
  assert.ok(names.includes("process_resident_memory_bytes") && names.includes("nodejs_eventloop_lag_seconds"));
});

test("names, units and help follow the conventions", () => {
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const row of rows) {
    assert.match(row.name, /^caudal_[a-z0-9_]+$/);
    assert.equal(row.name.endsWith("_total"), row.kind === "counter", row.name);
    if (row.unit === "seconds") assert.match(row.name, /_seconds$/);
    assert.match(row.help, /^[A-Z0-9][^.]*\.$/, `${row.name}: one sentence`);
    assert.equal(row.buckets !== undefined, row.kind === "histogram", row.name);
  }
});

test("counters, gauges and histograms carry their labels", async () => {
  const metrics = createMetrics({ process: false });
  metrics.counter("caudal_parked_total").inc({ group: "g", reason: "empty" }, 3);
  metrics.counter("caudal_parked_total").inc({ group: "g", reason: "too-deep" });
  metrics.counter("caudal_parked_total").inc({ group: "h", reason: "empty" }, 0);
  const gauge = metrics.gauge("caudal_live_clients");
  gauge.inc({ transport: "sse" });
  gauge.inc({ transport: "sse" }, 2);
  gauge.dec({ transport: "sse" });
  gauge.set({ transport: "ws" }, 7);
  gauge.remove({ transport: "ws" });
  metrics.histogram("caudal_batch_seconds").observe({ group: "g" }, 0.003);
  const text = await metrics.text();
  assert.match(text, /^caudal_parked_total\{group="g",reason="empty"\} 3$/m);
  assert.match(text, /^caudal_live_clients\{transport="sse"\} 2$/m);
  assert.doesNotMatch(text, /transport="ws"|group="h"/);
  assert.match(text, /^caudal_batch_seconds_bucket\{le="0.005",group="g"\} 1$/m);
  assert.equal(await metrics.sum("caudal_parked_total", { group: "g" }), 4);
  assert.equal(await metrics.sum("caudal_parked_total", { reason: "empty" }), 3);
  assert.equal(await metrics.sum("caudal_live_clients", { transport: "none" }), 0);
  assert.match(metrics.contentType, /^text\/plain/);
});

test("what is asked for before an exposition may fail or hang without spoiling it", async () => {
  const metrics = createMetrics({ process: false });
  let asked = 0;
  metrics.beforeScrape(() => Promise.reject(new Error("no")));
  const end = metrics.beforeScrape(() => {
    asked++;
    metrics.gauge("caudal_rollup_marks").set({}, 5);
  });
  assert.equal(await metrics.sum("caudal_rollup_marks"), 5);
  end();
  await metrics.text();
  assert.equal(asked, 1);
});
