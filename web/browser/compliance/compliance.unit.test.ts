import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { complianceHref, obraHref, readRoute } from "../app/router.ts";
import type { ObraStatus, SlotCounts } from "../wire/obra-status.ts";
import { readObra } from "../wire/obra.ts";
import { readBurnDown } from "../wire/right-report.ts";
import { burnPicture } from "./obra/burn-picture.ts";
import { editedValues, editFields } from "./review/edit-form.ts";
import { changedParts } from "./form/obra-changes.ts";
import { chosenObras, countObras } from "./obras/obra-order.ts";
import { countMarks, markOf, signs, slotMarks } from "./slots/slot-mark.ts";
import { figuresOf, offsetText } from "./slots/slot-text.ts";

const HOUR_MS = 3_600_000;
const nowMs = Date.parse("2026-06-15T12:00:00Z");
const none: SlotCounts = { expected: 0, ready: 0, accepted: 0, verified: 0, late: 0, missing: 0, refused: 0, unknown: 0, review: 0, attention: 0 };

function obra(code: string, given: Partial<ObraStatus> & { readonly counts?: SlotCounts } = {}): ObraStatus {
  return { work: `dga/${code}`, regulator: "dga", code, client: "riego", name: code, standard: "mayor", mode: "live", stopped: null, lastAccepted: null, nextSlotMs: null, counts: none, lateFailures: 0, ...given };
}

describe("addresses of what is owed", () => {
  test("parts, works and their tabs; what is none of them is not found", () => {
    assert.deepEqual(["/compliance", "/compliance/", "/compliance/review", "/compliance/plan/"].map((path) => readRoute(path)), [{ page: "compliance", part: "obras" }, { page: "compliance", part: "obras" }, { page: "compliance", part: "review" }, { page: "compliance", part: "plan" }]);
    const work = { regulator: "dga", code: "OB 0602/7" };
    for (const tab of ["calendar", "ledger", "right", "settings"] as const) assert.deepEqual(readRoute(obraHref(work, tab)), { page: "obra", ...work, tab });
    for (const path of ["/compliance/obras", "/compliance/dga", "/compliance/dga/a/calendar", "/compliance/dga/a/ledger/b", "/compliance/dga/%E0%A4%A", "/compliance//a"]) assert.equal(readRoute(path).page, "not-found", path);
    assert.equal(complianceHref("plan"), "/compliance/plan");
  });
});

describe("a slot's mark", () => {
  const mark = (standing: string, given: Partial<Parameters<typeof markOf>[0]> = {}) => markOf({ standing, slotMs: nowMs - 2 * HOUR_MS, late: false, lateFailure: false, ...given }, nowMs);

  test("says how it stands; late wins over accepted, a failure to declare over what waits", () => {
    assert.deepEqual(["verified", "accepted", "accepted-no-voucher", "held", "refused", "refused-for-good", "unknown", "mismatch", "not-found", "written-off"].map((standing) => mark(standing)),
      ["verified", "accepted", "no-voucher", "review", "refused", "stopped", "unknown", "mismatch", "mismatch", "written-off"]);
    assert.deepEqual([mark("verified", { late: true }), mark("accepted", { late: true }), mark("mismatch", { late: true })], ["late", "late", "mismatch"]);
    assert.deepEqual([mark("refused", { lateFailure: true }), mark("expected", { lateFailure: true }), mark("annulled", { lateFailure: true })], ["late-failure", "late-failure", "annulled"]);
    assert.equal(mark("something new"), "unknown");
  });

  test("what is expected lies ahead, is due for an hour, and is missing after it", () => {
    assert.deepEqual([nowMs + 1, nowMs, nowMs - HOUR_MS, nowMs - HOUR_MS - 1].map((slotMs) => mark("expected", { slotMs })), ["ahead", "due", "due", "missing"]);
  });

  test("every mark has a sign of its own, but the one that says nothing", () => {
    assert.equal(new Set(slotMarks.map((each) => signs[each])).size, slotMarks.length);
    assert.deepEqual(slotMarks.filter((each) => signs[each] === ""), ["ahead"]);
    assert.deepEqual(countMarks(["missing", "verified", "missing"]), [{ mark: "verified", count: 1 }, { mark: "missing", count: 2 }]);
  });
});

describe("the list of works", () => {
  const obras = [
    obra("A", { counts: { ...none, late: 9 } }), obra("B", { counts: { ...none, refused: 1 } }), obra("C", { counts: { ...none, missing: 1 } }), obra("D", { lateFailures: 1, mode: "shadow" }),
    obra("E", { stopped: "" }), obra("F", { counts: { ...none, review: 2 }, client: "minera" }), obra("G", { name: "Pozo Ñuñoa", nextSlotMs: 5 }), obra("H", { counts: { ...none, attention: 1 } }),
  ];
  const codes = (query: Partial<Parameters<typeof chosenObras>[1]>) => chosenObras(obras, { text: "", filter: "all", client: "", order: "worst", ...query }).map(({ code }) => code).join("");

  test("has the worst first: stopped, to declare, missing, refused, held otherwise, to review, late", () => {
    assert.equal(codes({}), "EDCBHFAG");
    assert.equal(codes({ order: "name" }), "ABCDEFHG");
    assert.equal(codes({ order: "next" })[0], "G");
  });

  test("is narrowed down by state, client and words without accents", () => {
    assert.deepEqual([codes({ filter: "failing" }), codes({ filter: "late" }), codes({ filter: "review" }), codes({ filter: "stopped" })], ["DCBH", "A", "F", "ED"]);
    assert.deepEqual([codes({ client: "minera" }), codes({ text: "NUNOA pozo" }), codes({ text: "dga/h" })], ["F", "G", "H"]);
    assert.deepEqual(countObras(obras), { all: 8, failing: 4, late: 1, review: 1, stopped: 2 });
  });
});

describe("figures and edits", () => {
  const values = { flowLps: 12.5, totalM3: 0, depthM: null, stageM: null };
  const words = { exact: String, span: (ms: number) => `${ms / 60_000} min` };

  test("a measured zero is a figure, nothing is none; a measurement's distance has its sign", () => {
    assert.deepEqual(figuresOf(values, words).map(({ text }) => text), ["12.5 L/s", "0 m³"]);
    assert.deepEqual([figuresOf(null, words), offsetText(nowMs, nowMs, words), offsetText(nowMs - 120_000, nowMs, words), offsetText(nowMs + 60_000, nowMs, words)], [[], "", "−2 min", "+1 min"]);
  });

  test("what a work's water reports may be said otherwise, as numbers of zero and above", () => {
    assert.deepEqual(editFields({ water: "surface-channel", values }).map(({ name, measured }) => [name, measured]), [["flowLps", 12.5], ["stageM", null]]);
    assert.equal(editFields({ water: "new", values: null }).length, 4);
    assert.deepEqual(editedValues({ flowLps: "12,75", totalM3: "" }), { flowLps: 12.75 });
    assert.deepEqual([editedValues({}), editedValues({ flowLps: "-1" }), editedValues({ flowLps: "x", totalM3: "3" })], [null, null, null]);
  });

  test("versions say which parts they changed", () => {
    const before = readObra({ work: "dga/A", name: "Pozo", mode: "off", right: { flowLps: 5 }, feeds: [] });
    const after = readObra({ work: "dga/A", name: "Pozo", mode: "live", right: { flowLps: 6 }, feeds: [], reason: "other" });
    assert.ok(before !== undefined && after !== undefined);
    assert.deepEqual([changedParts(before, after), changedParts(before, before)], [["right-flow", "mode"], []]);
  });
});

describe("a burn-down", () => {
  const burn = readBurnDown({ works: [{ rightM3: 1000, usedM3: 500, percent: 50, remainingM3: 500, perDayM3: 10, days: 30, verdict: "before-year-end", exhaustedAt: "2026-03-22" }], days: [{ day: "2026-01-15", usedM3: 250 }, { day: "2026-01-31", usedM3: 500 }] });

  test("falls from the whole right to what is left, and on to its end", () => {
    const picture = burnPicture(burn, 2026);
    assert.ok(picture !== null);
    assert.match(picture.left, /^M44\.2 8L46\.8 69L/);
    assert.match(picture.left, /130$/);
    assert.deepEqual(picture.end, { x: 214.9, y: 252 });
    assert.equal(picture.projected, `M${picture.left.slice(picture.left.lastIndexOf("L") + 1)}L214.9 252`);
  });

  test("without an end in the year it leads to the year's end; without a right or a day there is no picture", () => {
    const slow = burnPicture({ ...burn, exhaustedAt: "", perDayM3: 1 }, 2026);
    assert.match(slow?.projected ?? "", /L952 /);
    assert.deepEqual([slow?.end, burnPicture({ ...burn, exhaustedAt: "", perDayM3: null }, 2026)?.projected], [null, ""]);
    assert.deepEqual([burnPicture({ ...burn, rightM3: null }, 2026), burnPicture({ ...burn, days: [] }, 2026)], [null, null]);
  });
});
