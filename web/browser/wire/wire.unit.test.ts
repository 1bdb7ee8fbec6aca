import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCompleteness, readHistory } from "./history.ts";
import { mayConfigure, readDevice, readParked, readParkedValue, readPerson, readReplayResult, readSentReading, readStatus, readUnitOption, readVariableOption } from "./operations.ts";
import { measuredVariables, readLatestValue, readLiveMeasurement, readPoint, readPointLatest } from "./point.ts";
import { ApiProblem, fieldPath } from "./problem.ts";
import { asInstantMs, asPage, asTextMap } from "./read.ts";

describe("reading what the API sends", () => {
  test("a point without an id is left out of its page, the others stay", () => {
    const page = asPage({ items: [{ id: "p1", name: "Well" }, { name: "nameless" }, null, 7], next: "c2" }, readPoint);
    assert.deepEqual(page.items.map((point) => [point.id, point.name, point.periodS]), [["p1", "Well", null]]);
    assert.equal(page.next, "c2");
    assert.deepEqual(asPage("no page", readPoint), { items: [], next: null });
  });

  test("several keys of one variable are one measured variable, ignored keys none", () => {
    const point = readPoint({
      id: "p", variables: [
        { variable: "flow", key: "q1", unit: "L/s", guessed: true, name: { en: "Flow", es: "Caudal" } }, { variable: "flow", key: "q2", unit: "L/s" },
        { variable: "level", key: "h", unit: "m", ignored: true }, {},
      ],
    });
    assert.ok(point !== undefined);
    assert.equal(point.variables.length, 3);
    assert.deepEqual(measuredVariables(point).map((row) => row.key), ["q1"]);
    assert.deepEqual(point.variables[1]?.name, { en: "flow", es: "flow" });
    assert.equal(point.variables[0]?.sourceUnit, "L/s");
  });

  test("a live event that is no measurement is undefined, values take the measurement's time", () => {
    assert.equal(readLiveMeasurement("{"), undefined);
    assert.equal(readLiveMeasurement('{"point":"p"}'), undefined);
    const event = readLiveMeasurement('{"point":"p","client":"c","time":"2026-11-22T10:00:00.5Z","values":[{"variable":"flow","unit":"L/s","value":1e-3,"flag":3,"reasons":["rate"]},{"value":2}]}');
    assert.equal(event?.timeMs, Date.UTC(2026, 10, 22, 10, 0, 0, 500));
    assert.deepEqual(event.values.map((value) => [value.variable, value.value, value.flag, value.reasons, value.timeMs]), [["flow", 0.001, 3, ["rate"], event.timeMs]]);
    assert.equal(readLatestValue({ variable: "flow" }), undefined);
    assert.equal(readPointLatest({ values: [] }), undefined);
  });

  test("raw rows become cells with flags, absent variables no cell", () => {
    const history = readHistory({
      point: "p", resolution: "raw", columns: [{ variable: "flow", unit: "L/s" }, { variable: "total", unit: "m3" }, {}],
      items: [{ time: "2026-01-01T00:00:00Z", flow: { value: 1, flag: 1 }, total: { value: 999999999999.999, flag: 4, reasons: ["total-decreased"] } }, { time: "2026-01-01T00:01:00Z", flow: { value: null, flag: 9 } }, { time: "bad" }],
      coverage: { expected: 4, received: 3, flagged: 1, ratio: 0.75 }, served: [{ tier: "hot", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }, { rollup: "15m" }, {}], next: null,
    }, new Set(["total"]));
    assert.deepEqual(history.cells.get("flow")?.map((cell) => [cell.value, cell.flag]), [[1, 1], [null, 9]]);
    assert.deepEqual(history.cells.get("total")?.map((cell) => [cell.value, cell.reasons]), [[999999999999.999, ["total-decreased"]]]);
    assert.deepEqual(history.served.map((part) => [part.tier, part.rollup]), [["hot", ""], ["", "15m"]]);
    assert.equal(history.coverage.ratio, 0.75);
  });

  test("a bucket shows its mean, of a total its last value, and an empty one nothing", () => {
    const bucket = { min: 1, max: 5, mean: 2, first: 1, last: 4, consumption: 3, count: 9, coverage: 0.9, flagged: 2 };
    const history = readHistory({ columns: [{ variable: "a" }, { variable: "t" }], items: [{ time: "2026-01-01T00:00:00Z", a: bucket, t: bucket }, { time: "2026-01-02T00:00:00Z", a: { ...bucket, count: 0, flagged: 0 } }] }, new Set(["t"]));
    assert.deepEqual(history.cells.get("a")?.map((cell) => [cell.value, cell.flag]), [[2, 3], [null, 1]]);
    assert.equal(history.cells.get("t")?.[0]?.value, 4);
    assert.equal(history.cells.get("t")?.[0]?.bucket?.consumption, 3);
    assert.equal(history.cells.get("t")?.[0]?.bucket?.revised, undefined);
    const revised = readHistory({ columns: [{ variable: "a" }], items: [{ time: "2026-01-01T00:00:00Z", a: { ...bucket, revised: { at: "2026-01-02T00:00:00Z", late: 2, corrected: 1 } } }] }, new Set());
    assert.deepEqual(revised.cells.get("a")?.[0]?.bucket?.revised, { atMs: Date.UTC(2026, 0, 2), late: 2, corrected: 1 });
  });

  test("completeness takes the days of the point that was asked", () => {
    assert.deepEqual(readCompleteness({ items: [{ point: "p", days: [{ day: "2026-11-22", expected: 10, received: 5, flagged: 0, ratio: 0.5 }, {}] }] }).map((day) => [day.day, day.ratio]), [["2026-11-22", 0.5]]);
    assert.deepEqual(readCompleteness(undefined), []);
  });

  test("parked events, devices, status and catalogues fall back field by field", () => {
    assert.equal(readParked({}), undefined);
    assert.equal(readParked({ id: "x", reason: "empty" })?.state, "parked");
    assert.deepEqual(readParkedValue({ value: Buffer.from([0, 255, 65]).toString("base64"), text: null }), { bytes: new Uint8Array([0, 255, 65]), text: null });
    assert.deepEqual(readReplayResult({ replayed: 2 }), { replayed: 2, stillParked: 0 });
    assert.equal(readDevice({ client: "c" }), undefined);
    const device = readDevice({ client: "c", device: "d", keys: ["raw", { key: "flow", guessed: true }, {}], lastSeen: "2026-01-01T00:00:00Z" });
    assert.deepEqual(device?.keys.map((key) => [key.key, key.guessed]), [["raw", false], ["flow", true]]);
    assert.equal(device?.presence, "unknown");
    const status = readStatus({ lag: { a: 3, b: "x" }, lastWrite: { hot: "2026-01-01T00:00:00Z", cold: null }, demo: true, send: { npx: "npx" } });
    assert.deepEqual(status.lag, { a: 3, b: 0 });
    assert.equal(status.lastWriteMs["cold"], null);
    assert.equal(readVariableOption({ id: "flow", name: { en: "Flow" } })?.name.es, "Flow");
    assert.equal(readVariableOption({}), undefined);
    assert.equal(readUnitOption({ code: "L/s", quantity: "flow" })?.quantity, "flow");
    assert.equal(readUnitOption({}), undefined);
    assert.deepEqual(asTextMap({ a: 1, b: null, c: "x" }), { a: "1", c: "x" });
    assert.equal(asInstantMs("never"), null);
  });

  test("operators and admins may configure, others may not", () => {
    assert.equal(mayConfigure(readPerson({ name: "a", role: "operator" })), true);
    assert.equal(mayConfigure(readPerson({ principal: { name: "a", role: "admin" } })), true);
    assert.equal(mayConfigure(readPerson({ name: "v" })), false);
    assert.equal(mayConfigure(null), false);
  });

  test("the answer to a test reading names its point or what is wrong", () => {
    assert.deepEqual(readSentReading({ items: [{ status: "accepted", point: "p" }] }), { accepted: true, point: "p", message: "" });
    assert.equal(readSentReading({ items: [{ status: "refused", error: { title: "No", detail: "empty" } }] }).message, "empty");
    assert.equal(readSentReading(undefined).accepted, false);
  });
});

describe("problems", () => {
  test("a field is found however its path is written", () => {
    for (const written of ["variables[0].unit", "variables.0.unit", "/variables/0/unit", "body.variables[0].unit"]) assert.equal(fieldPath(written), "variables.0.unit");
    const problem = new ApiProblem(400, { title: "The body is not valid", code: "invalid-body", field: "name", detail: "Too long", next: "Shorten it", errors: [{ field: "variables[1].unit", detail: "Unknown unit", next: "See /api/v1/units" }, { path: "name", title: "Too long" }] });
    assert.equal(problem.of("variables.1.unit")?.next, "See /api/v1/units");
    assert.equal(problem.of("name")?.detail, "Too long");
    assert.equal(problem.fields.length, 2);
    assert.equal(problem.of("periodS"), undefined);
  });

  test("an answer without a document still says what it was", () => {
    assert.equal(new ApiProblem(502, undefined).title, "HTTP 502");
    assert.equal(new ApiProblem(400, { field: "name", title: "No name" }).of("name")?.detail, "No name");
  });
});
