import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLatestBook } from "../live/latest-book.ts";
import { readPoint, type LatestValue, type Point, type PointVariable } from "../wire/point.ts";
import type { Cell } from "../wire/history.ts";
import { completeness } from "./completeness.ts";
import { changeOf, draftOf, unitsFor } from "./config-form.ts";
import { countPoints, filterPoints, folded, matchesText, noFilter } from "./filter.ts";
import { createTurnstile, sparkVariable, withLive } from "./spark-source.ts";
import { sparkline } from "./sparkline.ts";
import { isStale, seenMs } from "./staleness.ts";
import { listWindow, WHOLE_LIST_ROWS } from "./window.ts";

const NOW = Date.UTC(2026, 10, 22);

function point(id: string, name: string, more: object = {}): Point {
  const read = readPoint({ id, name, client: "c1", device: id, variables: [{ key: "q", variable: "flow", kind: "rate", unit: "L/s", sourceUnit: "L/min", guessed: true, min: 0 }], version: "3", ...more });
  return read ?? assert.fail("no point");
}

function cell(timeMs: number, value: number | null): Cell {
  return { time: new Date(timeMs).toISOString(), timeMs, value, flag: 1, reasons: [], bucket: null };
}

describe("staleness", () => {
  test("three missed periods are silence, without a period a day", () => {
    assert.equal(isStale(NOW - 170_000, 60, NOW), false);
    assert.equal(isStale(NOW - 181_000, 60, NOW), true);
    assert.equal(isStale(NOW - 50_000, 1, NOW), false);
    assert.equal(isStale(NOW - 20 * 3_600_000, null, NOW), false);
    assert.equal(isStale(NOW - 25 * 3_600_000, null, NOW), true);
    assert.equal(isStale(undefined, 60, NOW), true);
  });

  test("one barometer that feeds many wells keeps none of them from being silent", () => {
    const value = (variable: string, timeMs: number): [string, LatestValue] => [variable, { variable, unit: "", value: 1, flag: 1, reasons: [], time: "", timeMs }];
    const latest = { values: new Map([value("pressure", NOW - 500_000), value("barometric_pressure", NOW)]), timeMs: NOW };
    const row = { variable: "pressure", beside: false } as PointVariable;
    assert.equal(seenMs({ variables: [row, { ...row, variable: "barometric_pressure", beside: true }] }, latest), NOW - 500_000);
    assert.equal(seenMs({ variables: [row] }, latest), NOW);
    assert.equal(seenMs({ variables: [{ ...row, variable: "barometric_pressure", beside: true }] }, { ...latest, values: new Map([value("barometric_pressure", NOW)]) }), undefined);
  });
});

describe("filtering points", () => {
  const book = createLatestBook();
  const value = (id: string, ageMs: number, flag: number) =>
    book.apply([{ point: id, values: [{ variable: "flow", unit: "L/s", value: 1, flag, reasons: [], time: "", timeMs: NOW - ageMs }] }], "loaded");
  const points = [
    point("a", "Río Logan", { periodS: 60 }), point("b", "Pozo 10", { client: "c2", variables: [{ key: "h", variable: "level", name: { en: "Level", es: "Nivel" } }] }), point("d", "Pozo 9", { periodS: 60 }), point("e", "Nuevo"),
  ];
  value("a", 10_000, 4);
  value("b", 5_000, 3);
  value("d", 600_000, 1);
  const facts = { latest: book.get, nowMs: NOW };
  const names = (filter: object) => filterPoints(points, { ...noFilter, ...filter }, facts, "es").map((row) => row.id);

  test("names sort as people count, with or without accents", () => {
    assert.deepEqual(names({}), ["e", "d", "b", "a"]);
    assert.equal(folded("Río"), "rio");
    assert.deepEqual(names({ text: "rio" }), ["a"]);
  });

  test("every word must be found, in names, devices, clients or variables of either language", () => {
    assert.deepEqual(names({ text: "pozo nivel" }), ["b"]);
    assert.deepEqual(names({ text: "c2" }), ["b"]);
    assert.equal(matchesText(points[0] as Point, "  "), true);
  });

  test("states and clients", () => {
    assert.deepEqual(names({ state: "flagged" }), ["b", "a"]);
    assert.deepEqual(names({ state: "stale" }), ["e", "d"]);
    assert.deepEqual(names({ state: "guessed" }), ["e", "d", "a"]);
    assert.deepEqual(names({ client: "c2" }), ["b"]);
    assert.deepEqual(countPoints(points, facts), { flagged: 2, stale: 2, guessed: 3, clients: ["c1", "c2"] });
  });

  test("orders", () => {
    assert.deepEqual(names({ order: "recent" }), ["b", "a", "d", "e"]);
    assert.deepEqual(names({ order: "attention" }), ["a", "b", "e", "d"]);
  });
});

describe("the window of a long list", () => {
  test("short lists are drawn whole", () => {
    assert.deepEqual(listWindow({ rows: WHOLE_LIST_ROWS, rowPx: 80, scrolledPx: 4_000, screenPx: 900 }), { first: 0, end: WHOLE_LIST_ROWS, beforePx: 0, afterPx: 0 });
  });

  test("long ones draw what is near the screen and keep their height, at every place", () => {
    for (const scrolledPx of [-500, 0, 1_234, 399_000, 900_000]) {
      const shown = listWindow({ rows: 5_000, rowPx: 80, scrolledPx, screenPx: 900 });
      assert.ok(shown.end - shown.first <= 13 + 16, `${scrolledPx}: ${shown.end - shown.first}`);
      assert.ok(shown.end > shown.first);
      assert.equal(shown.beforePx + (shown.end - shown.first) * 80 + shown.afterPx, 400_000);
    }
  });
});

describe("sparklines", () => {
  const box = { width: 100, height: 40, fromMs: 0, toMs: 1_000, gapMs: 250 };

  test("gaps break the line and a lone value is still seen", () => {
    const path = sparkline([cell(0, 1), cell(200, 2), cell(600, 3), cell(900, 2), cell(1_000, 1)], box);
    assert.equal(path?.line.match(/M/g)?.length, 3);
    assert.match(path?.line ?? "", /h2/);
    assert.deepEqual([path?.min, path?.max], [1, 3]);
    assert.deepEqual(path?.last?.x, 97);
  });

  test("a constant is a line in the middle, nothing is null", () => {
    assert.equal(sparkline([cell(0, 5), cell(100, 5)], box)?.last?.y, 20);
    assert.equal(sparkline([cell(0, null), cell(5_000, 1)], box), null);
  });

  test("the variable that stands for a point is no total while there is another", () => {
    assert.equal(sparkVariable(point("p", "P", { variables: [{ key: "t", variable: "total", kind: "total" }, { key: "q", variable: "flow", kind: "rate" }] }))?.variable, "flow");
    assert.equal(sparkVariable(point("p", "P", { variables: [{ key: "t", variable: "total", kind: "total" }] }))?.variable, "total");
  });

  test("a live value moves the end, an old one nothing", () => {
    const live = (timeMs: number, value: number | null) => ({ variable: "flow", unit: "", value, flag: 1, reasons: [], time: "", timeMs });
    const data = { cells: [cell(0, 1), cell(500, 2)], spanMs: 600, gapMs: 100, raw: true };
    assert.deepEqual(withLive(data, live(1_000, 3)).cells.map((row) => row.timeMs), [500, 1_000]);
    assert.equal(withLive(data, live(500, 9)), data);
    assert.equal(withLive(data, live(900, null)), data);
    const bucket = { min: 1, max: 1, mean: 1, first: 1, last: 1, consumption: null, count: 1, coverage: 1, flagged: 0 };
    const rolled = withLive(withLive({ ...data, cells: [{ ...cell(0, 1), bucket }], raw: false }, live(300, 2)), live(400, 3));
    assert.deepEqual(rolled.cells.map((row) => row.value), [1, 3]);
  });

  test("the turnstile lets so many in and the others in order, failures too", async () => {
    const pass = createTurnstile(2);
    const order: number[] = [];
    const gates: (() => void)[] = [];
    const visit = (id: number) => pass(async () => {
      order.push(id);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (id === 1) throw new Error("left early");
    });
    const visits = [1, 2, 3].map((id) => visit(id).catch(() => undefined));
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual(order, [1, 2]);
    gates[0]?.();
    await visits[0];
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual(order, [1, 2, 3]);
    for (const gate of gates) gate();
    await Promise.all(visits);
  });
});

describe("the configuration form", () => {
  const known = point("p", "Well", { periodS: 60 });
  const untouched = draftOf(known, true);
  const withKey = (change: object) => ({ ...untouched, keys: [{ ...(untouched.keys[0] ?? assert.fail("no key")), ...change }] });

  test("what nobody touched is not sent", () => {
    assert.deepEqual(changeOf(known, untouched), { rows: [], notNumbers: [], remaps: false, body: {} });
  });

  test("a new name and period, an emptied one learns again", () => {
    assert.deepEqual(changeOf(known, { ...untouched, name: " Pozo 1 ", periodS: "" }).body, { name: "Pozo 1", periodS: null });
    assert.deepEqual(changeOf(known, { ...untouched, periodS: "0,5" }).body, { periodS: 0.5 });
  });

  test("confirming sends the same meaning and remaps nothing; another meaning remaps", () => {
    assert.deepEqual(changeOf(known, withKey({ confirmed: true })), { rows: [0], notNumbers: [], remaps: false, body: { variables: [{ key: "q", variable: "flow", unit: "L/min" }] } });
    const corrected = changeOf(known, withKey({ unit: "m3/h" }));
    assert.deepEqual(corrected.body.variables, [{ key: "q", variable: "flow", unit: "m3/h" }]);
    assert.equal(corrected.remaps, true);
  });

  test("ignoring remaps and sends nothing else of the meaning, taking it back sends the meaning", () => {
    assert.deepEqual(changeOf(known, withKey({ ignored: true, unit: "m3/h" })).body.variables, [{ key: "q", ignored: true }]);
    const ignored = point("p", "Well", { variables: [{ key: "q", variable: "flow", unit: "L/s", ignored: true }] });
    const draft = draftOf(ignored, false);
    const back = changeOf(ignored, { ...draft, keys: draft.keys.map((key) => ({ ...key, ignored: false })) });
    assert.deepEqual(back.body.variables, [{ key: "q", ignored: false, variable: "flow", unit: "L/s" }]);
    assert.equal(back.remaps, true);
    assert.deepEqual(changeOf(ignored, { ...draft, keys: draft.keys.map((key) => ({ ...key, confirmed: true })) }).body, {});
  });

  test("a key that several devices have is named with its device", () => {
    const row = (device: string) => ({ key: "q", device, variable: "flow", unit: "L/s", guessed: true });
    const two = point("p", "Well", { variables: [row("a"), row("b")] });
    const draft = draftOf(two, false);
    const change = changeOf(two, { ...draft, keys: draft.keys.map((key, index) => ({ ...key, confirmed: index === 1 })) });
    assert.deepEqual(change.body.variables, [{ key: "q", device: "b", variable: "flow", unit: "L/s" }]);
    assert.deepEqual(change.rows, [1]);
  });

  test("limits are numbers in either notation, what is none is named and not sent", () => {
    const change = changeOf(known, withKey({ min: "", max: "20,5", flatLineS: "long" }));
    assert.deepEqual(change.body.variables, [{ key: "q", min: null, max: 20.5 }]);
    assert.deepEqual(change.notNumbers, ["keys.0.flatLineS"]);
    assert.equal(change.remaps, false);
  });

  test("units of a variable are those of its quantity, all where it is not known", () => {
    const units = [{ code: "L/s", quantity: "flow" }, { code: "m3/h", quantity: "flow" }, { code: "m", quantity: "length" }];
    const variables = [{ id: "flow", kind: "rate", unit: "L/s", name: { en: "Flow", es: "Caudal" }, decimals: 2 }];
    assert.deepEqual(unitsFor("flow", variables, units).map((row) => row.code), ["L/s", "m3/h"]);
    assert.equal(unitsFor("odd", variables, units).length, 3);
  });
});

test("several days are as complete as their parts, a day with too much does not make up for another", () => {
  const day = (expected: number, received: number) => ({ day: "", expected, received, flagged: 1, ratio: null });
  assert.deepEqual(completeness([day(10, 20), day(10, 0)]), { expected: 20, received: 20, flagged: 2, ratio: 0.5 });
  assert.equal(completeness([]).ratio, null);
});
