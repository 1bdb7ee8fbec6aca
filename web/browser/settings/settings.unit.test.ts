import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SettingPeriod, SettingRow } from "../wire/setting.ts";
import { grouped } from "./groups.ts";
import { newestFirst, settingsAt, standing } from "./periods.ts";
import { changeOf, draftOf, removalOf } from "./settings-form.ts";

const number = (name: string, more: Partial<SettingRow> = {}): SettingRow => ({ name, unit: "m", says: { en: name, es: name }, choices: null, min: null, above: 0, max: 1000, whole: false, ...more });
const rows = [number("sensorDepthM"), number("counterModulus", { whole: true }), number("levelKind", { choices: ["pressure", "current"], above: null, max: null }), number("novelty")];
const period = (validFrom: string | null, values: SettingPeriod["values"]): SettingPeriod => ({ validFrom, validFromMs: validFrom === null ? null : Date.parse(validFrom), values, changedAtMs: 0, changedBy: "Ana", reason: "" });
const march = "2026-03-01T15:00:30.250Z";
const periods = [period(march, { sensorDepthM: 46.5 }), period(null, { sensorDepthM: 45, levelKind: "pressure" }), period("2027-01-01T00:00:00Z", { levelKind: null })];

describe("periods of settings", () => {
  test("what holds at an instant is the newest that began by then; what is unset holds no more", () => {
    const at = (time: string) => Object.fromEntries([...settingsAt(periods, Date.parse(time))].map(([name, { value }]) => [name, value]));
    assert.deepEqual(at("2026-01-01"), { sensorDepthM: 45, levelKind: "pressure" });
    assert.deepEqual(at("2026-06-01"), { sensorDepthM: 46.5, levelKind: "pressure" });
    assert.deepEqual(at("2027-06-01"), { sensorDepthM: 46.5 });
    assert.deepEqual(newestFirst(periods).map(({ validFrom }) => validFrom), ["2027-01-01T00:00:00Z", march, null]);
    const nowMs = Date.parse("2026-06-01");
    assert.deepEqual(periods.map((each) => standing(each, settingsAt(periods, nowMs), nowMs)), ["now", "now", "ahead"]);
    assert.equal(standing(periods[1] ?? assert.fail(), settingsAt(periods, Date.parse("2027-06-01")), Date.parse("2027-06-01")), "past");
  });

  test("rows stand in their groups, and what no group names comes last", () => {
    assert.deepEqual(grouped(rows).map(({ id, rows: members }) => [id, members.map(({ name }) => name)]), [["counter", ["counterModulus"]], ["level", ["levelKind", "sensorDepthM"]], ["other", ["novelty"]]]);
  });
});

describe("the form of settings", () => {
  const fresh = draftOf(null, { nowMs: Date.parse("2026-06-01T10:20:40Z"), isFirst: true, decimalComma: true });
  const said = (text: string) => ({ text, unset: false });

  test("a new period asks for what was typed, in either decimal notation, with its reason", () => {
    const change = changeOf(rows, null, { ...fresh, values: { sensorDepthM: said("45,5"), levelKind: said("current") }, reason: " read " });
    assert.deepEqual([change.asked, [...change.faults]], [[{ validFrom: null, values: { sensorDepthM: 45.5, levelKind: "current" }, reason: "read" }], []]);
    const later = changeOf(rows, null, { ...fresh, fromFirst: false, from: "2026-05-01T00:00", values: { sensorDepthM: { text: "", unset: true } }, reason: "r" });
    assert.deepEqual(later.asked, [{ validFrom: new Date("2026-05-01T00:00").toISOString(), values: { sensorDepthM: null }, reason: "r" }]);
  });

  test("what cannot be is told by field before it is sent", () => {
    const faults = (values: Record<string, { text: string; unset: boolean }>, more = {}) => Object.fromEntries(changeOf(rows, null, { ...fresh, reason: "r", values, ...more }).faults);
    assert.deepEqual(faults({ sensorDepthM: said("deep") }), { sensorDepthM: "not-number" });
    assert.deepEqual(faults({ sensorDepthM: said("0") }), { sensorDepthM: "range" });
    assert.deepEqual(faults({ sensorDepthM: said("1001"), counterModulus: said("1.5") }), { sensorDepthM: "range", counterModulus: "whole" });
    assert.deepEqual(faults({}), { values: "nothing" });
    assert.deepEqual(faults({ sensorDepthM: said("1") }, { fromFirst: false, from: "", reason: "" }), { validFrom: "no-time", reason: "no-reason" });
  });

  test("a correction sends what differs, keeps the exact instant, and forgets what was emptied", () => {
    const first = periods[1] ?? assert.fail();
    const draft = draftOf(first, { nowMs: 0, isFirst: false, decimalComma: false });
    const same = changeOf(rows, first, { ...draft, values: { ...draft.values, sensorDepthM: said("44"), levelKind: said("") }, reason: "r" });
    assert.deepEqual(same.asked, [{ validFrom: null, values: { sensorDepthM: 44 }, reason: "r", forget: ["levelKind"], keepLater: true }]);
    const second = periods[0] ?? assert.fail();
    const untouched = draftOf(second, { nowMs: 0, isFirst: false, decimalComma: true });
    assert.equal(untouched.values["sensorDepthM"]?.text, "46,5");
    assert.equal(changeOf(rows, second, { ...untouched, values: { sensorDepthM: said("47") }, reason: "r" }).asked[0]?.validFrom, march);
  });

  test("a period that begins at another instant is taken out and said anew", () => {
    const second = periods[0] ?? assert.fail();
    const change = changeOf(rows, second, { ...draftOf(second, { nowMs: 0, isFirst: false, decimalComma: false }), from: "2026-03-05T00:00", reason: "wrong day" });
    assert.deepEqual(change.asked, [removalOf(second, "wrong day"), { validFrom: new Date("2026-03-05T00:00").toISOString(), values: { sensorDepthM: 46.5 }, reason: "wrong day" }]);
    assert.equal(change.refusedAt, 1);
  });
});
