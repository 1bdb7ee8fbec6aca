import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { all, measurement, openScene, type Scene } from "../test-scene.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const NOW = us("2026-03-20T12:00:00Z");
let scene: Scene;
let point: string;
let other: string;

before(async () => {
  scene = await openScene({ nowUs: NOW });
  point = await scene.adopt("demo", "pozo-ñandú", [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }, { key: "kWh", unit: "kWh" }, { key: "time", unit: "" }]);
  other = await scene.adopt("apr", "meter", [{ key: "flow", unit: "L/s" }]);
  await scene.directory.configure(point, { name: 'Pozo, "=cmd()" Ñandú' }, { scope: all, by: "test", atUs: NOW });
  await scene.publish([
    measurement(point, us("2026-03-01T03:00:00Z"), { flow: 12.5, total: 999_999_999_999.999 }, { receivedAtUs: NOW }),
    measurement(point, us("2026-03-01T03:05:00.25Z"), { flow: { value: null, flag: 4, reasons: ["not-a-number"] }, k_wh: -1e-7 }, { receivedAtUs: NOW }),
    measurement(point, us("2026-03-01T03:10:00Z"), { flow: { value: 0.1, flag: 3, reasons: ["late", "rate"] }, total: 999_999_999_999.9, time: 7 }, { receivedAtUs: NOW }),
    measurement(other, us("2026-03-01T03:00:00Z"), { flow: 1 }, { client: "apr", receivedAtUs: NOW }),
  ]);
  await scene.rolledUp();
});
after(() => scene.close());

const path = (query: string, id = point): string => `/api/v1/analytics/points/${id}/history?from=2026-03-01&to=2026-03-02&${query}`;

test("CSV is wide, exact and safe, with what a reader must know above it", async () => {
  const response = await scene.get(path("resolution=raw&format=csv&tz=America/Santiago"));
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.equal(response.headers.get("content-disposition"), 'attachment; filename="caudal-pozo-cmd-nandu-raw-20260301-20260301.csv"');
  assert.equal(await response.text(), [
    `# point: ${point}`, "# name: Pozo =cmd() Ñandú", "# client: demo", "# units: flow in L/s / total in m3 / k_wh in kWh / time in its own unit", "# tz: America/Santiago",
    "# from: 2026-03-01T00:00:00-03:00", "# to: 2026-03-02T00:00:00-03:00", "# resolution: raw", "# coverage: 7 of 432 facts (1.2 %) / 2 flagged",
    "time,flow_lps,flow_flag,total_m3,total_flag,k_wh_kwh,k_wh_flag,time,time_flag",
    "2026-03-01T00:00:00-03:00,12.5,1,999999999999.999,1,,,,",
    "2026-03-01T00:05:00.25-03:00,,4,,,-1e-7,1,,",
    "2026-03-01T00:10:00-03:00,0.1,3,999999999999.9,1,,,7,1", "",
  ].join("\n"));
});

test("NDJSON and JSON say the same with reasons", async () => {
  const lines = (await (await scene.get(path("resolution=raw"), { Accept: "application/x-ndjson" })).text()).trim().split("\n").map((line) => JSON.parse(line) as object);
  assert.deepEqual(lines, [
    { time: "2026-03-01T03:00:00Z", flow: { value: 12.5, flag: 1 }, total: { value: 999_999_999_999.999, flag: 1 } },
    { time: "2026-03-01T03:05:00.25Z", flow: { value: null, flag: 4, reasons: ["not-a-number"] }, k_wh: { value: -1e-7, flag: 1 } },
    { time: "2026-03-01T03:10:00Z", flow: { value: 0.1, flag: 3, reasons: ["late", "rate"] }, total: { value: 999_999_999_999.9, flag: 1 }, time_value: { value: 7, flag: 1 } },
  ]);
  const page = await scene.json<{ items: object[]; next: string | null; columns: { column: string }[] }>(path("resolution=raw&variables=flow,%20total"));
  assert.deepEqual(page.columns.map(({ column }) => column), ["flow_lps", "total_m3"]);
  assert.equal(page.items.length, 3);
  assert.equal(page.next, null);
});

test("buckets keep a total's digits, in CSV and in JSON", async () => {
  const csv = await (await scene.get(path("resolution=1h&variables=total"), { Accept: "text/csv" })).text();
  assert.deepEqual(csv.split("\n").slice(-3), [
    "time,total_m3_mean,total_m3_min,total_m3_max,total_m3_first,total_m3_last,total_m3_consumption,total_m3_count,total_m3_coverage,total_m3_flagged",
    "2026-03-01T03:00:00Z,999999999999.917,999999999999.9,999999999999.999,999999999999.999,999999999999.9,0,2,0.3333,0", "",
  ]);
});

test("CSV is rounded to the catalogue's digits when that is asked, and says so; what is stored keeps all", async () => {
  const raw = await (await scene.get(path("resolution=raw&format=csv&rounding=catalogue&variables=flow,total"))).text();
  assert.match(raw, /^# rounded to: flow 2 \/ total 3$/m);
  const rows = raw.split("\n").filter((line) => line.startsWith("2026"));
  assert.deepEqual(rows.map((row) => row.split(",").slice(1)), [["12.5", "1", "999999999999.999", "1"], ["", "4", "", ""], ["0.1", "3", "999999999999.9", "1"]]);
  const hourly = await (await scene.get(path("resolution=1h&format=csv&rounding=catalogue&variables=flow"))).text();
  assert.match(hourly, /^2026-03-01T03:00:00Z,2\.17,0\.1,12\.5,12\.5,0\.1,,/m);
  const refused = await scene.get(path("format=json&rounding=catalogue"));
  assert.deepEqual([refused.status, ((await refused.json()) as { field: string }).field], [400, "query.rounding"]);
});

test("every path answers with a trailing slash, HEAD too", async () => {
  const [slash, head] = await Promise.all([scene.get(path("").replace("/history?", "/history/?")), fetch(scene.url + path(""), { method: "HEAD" })]);
  assert.deepEqual([slash.status, head.status], [200, 200]);
});

test("what a caller can mend is refused with the parameter's name", async () => {
  const cases: Record<string, [status: number, code: string, field?: string]> = {
    "from=2026-03-02&to=2026-03-02": [400, "invalid-parameter", "query.from"],
    "from=1700-01-01&to=2026-01-01": [400, "invalid-parameter", "query.from"],
    "from=yesterday": [400, "invalid-parameter", "query.from"],
    "tz=America/Atlantis": [400, "invalid-parameter", "query.tz"],
    "resolution=2h": [400, "invalid-parameter", "query.resolution"],
    "variables=flow,wind": [400, "invalid-parameter", "query.variables"],
    "limit=0": [400, "invalid-parameter", "query.limit"],
    "limit=50001": [400, "invalid-parameter", "query.limit"],
    "cursor=nonsense": [400, "invalid-cursor", "query.cursor"],
  };
  for (const [query, expected] of Object.entries(cases)) {
    const response = await scene.get(`/api/v1/analytics/points/${point}/history?${query}`);
    const problem = await response.json() as { code: string; field?: string; next: string };
    assert.deepEqual([response.status, problem.code, problem.field], expected, query);
    assert.ok(problem.next.length > 0);
  }
  assert.equal((await scene.get(path(""), { Accept: "image/png" })).status, 406);
});

test("a point of another client is like one that never was, everywhere", async () => {
  scene.as({ clients: ["demo"] });
  for (const id of [other, "neverwas"]) {
    for (const url of [path("", id), `/api/v1/analytics/points/${id}/realtime`, `/api/v1/analytics/latest?points=${point},${id}`, `/api/v1/analytics/completeness?points=${id}`]) {
      const response = await scene.get(url);
      assert.deepEqual([response.status, (await response.json() as { code: string }).code], [404, "point-not-found"], url);
    }
  }
  const { items } = await scene.json<{ items: { point: string }[] }>("/api/v1/analytics/latest");
  assert.deepEqual(items.map((item) => item.point), [point]);
  scene.as(all);
});

test("a point without any data has an empty history, and an early point's far past costs nothing", async () => {
  const empty = await scene.adopt("demo", "silent", [{ key: "flow", unit: "L/s" }]);
  const page = await scene.json<{ items: object[]; coverage: object; served: object[] }>(path("resolution=auto", empty));
  assert.deepEqual([page.items, page.coverage, page.served], [[], { expected: 0, received: 0, flagged: 0, ratio: null }, []]);
  const whole = await scene.json<{ items: object[] }>(`/api/v1/analytics/points/${point}/history?from=1900-01-01&to=2090-01-01&resolution=1m`);
  assert.equal(whole.items.length, 3);
});

test("the description lists every operation", async () => {
  const { paths } = await scene.json<{ paths: Record<string, unknown> }>("/openapi.json");
  for (const known of ["points/{id}/history", "points/{id}/realtime", "latest", "completeness"]) assert.ok(`/api/v1/analytics/${known}` in paths, known);
  assert.ok("/api/v1/live" in paths);
});
