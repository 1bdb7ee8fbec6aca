import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCorrected, readCorrection, readRevision, type Correction, type Revision } from "../wire/correction.ts";
import { askOf, draftOf, withSeconds } from "./correction-form.ts";
import { sourceOf, toldOf } from "./told.ts";

const at = "2026-03-01T12:00:30.250500Z";

describe("what a person asks for", () => {
  const draft = { ...draftOf({ variable: "flow", at }, 0), value: "12,5", reason: " read " };

  test("the exact instant that was chosen stays while its field is not touched", () => {
    assert.deepEqual(askOf(draft, { variable: "flow", at }).body, { variable: "flow", at, value: 12.5, reason: "read" });
    const moved = askOf({ ...draft, at: withSeconds(Date.parse("2026-03-01T12:00:31Z")) }, { variable: "flow", at });
    assert.equal(moved.body["at"], "2026-03-01T12:00:31.000Z");
  });

  test("a stretch, no value, and the source again", () => {
    const [fromMs, toMs] = [Date.parse("2026-03-01T12:00:00Z"), Date.parse("2026-03-01T13:00:00Z")];
    const stretch = { ...draftOf({ variable: "flow", fromMs, toMs }, 0), reason: "r" };
    assert.deepEqual(askOf({ ...stretch, saying: "withdraw" }, { variable: "flow" }).body, { variable: "flow", from: "2026-03-01T12:00:00.000Z", to: "2026-03-01T13:00:00.000Z", withdraw: true, reason: "r" });
    assert.equal(askOf({ ...stretch, saying: "restore" }, { variable: "flow" }).body["restore"], true);
    assert.deepEqual(Object.fromEntries(askOf({ ...stretch, to: stretch.from }, { variable: "flow" }).faults), { value: "no-value", to: "order" });
  });

  test("what is missing is told by field", () => {
    const faults = (part: object) => Object.fromEntries(askOf({ ...draft, ...part }, { variable: "flow" }).faults);
    assert.deepEqual(faults({}), {});
    assert.deepEqual(faults({ value: "much", reason: " ", at: "", variable: "" }), { value: "not-number", reason: "no-reason", at: "no-time", variable: "no-variable" });
    assert.deepEqual(faults({ span: "stretch", from: "", to: "" }), { from: "no-time", to: "no-time" });
  });
});

describe("who said which revision", () => {
  const revision = (authority: number, value: number | null, minute: number): Revision => readRevision({ variable: "flow", authority, knownAt: `2026-03-01T12:${minute}:00Z`, value, flag: 1, reasons: [], withdrawn: value === null, holds: false }) ?? assert.fail();
  const word = (id: string, value: number | null, minute: number): Correction => readCorrection({ id, variable: "flow", value, author: id, reason: "r", saidAt: `2026-03-01T12:${minute}:00Z`, first: at, last: at, facts: 1 }) ?? assert.fail();

  test("each person's revision has the newest word of its value that was said by then; computed ones have none", () => {
    const revisions = [revision(1, 5, 30), revision(1, null, 20), revision(1, 5, 15), revision(0, 7, 10)];
    const { told, waiting } = toldOf(revisions, [word("late", 9, 40), word("c", 5, 30), word("b", null, 20), word("a", 5, 14)]);
    assert.deepEqual(told.map(({ word: said }) => said?.id), ["c", "b", "a", undefined]);
    assert.deepEqual(waiting.map(({ id }) => id), ["late"]);
    assert.equal(sourceOf(revisions)?.value, 7);
  });

  test("a revision whose word is not known is a person's all the same", () => {
    assert.deepEqual(toldOf([revision(1, 5, 30)], [word("other", 6, 20)]).told.map(({ word: said }) => said), [undefined]);
  });
});

test("a preview is read fact by fact, and what has no time is left out", () => {
  const read = readCorrected({ facts: [{ at, before: null, after: 3 }, { at, before: { value: 2, flag: 3, reasons: [], authority: 1 }, after: null }, { at: "x" }], effect: "recomputing", next: "within minutes" });
  assert.deepEqual(read.facts.map(({ had, before, bySomebody, after }) => [had, before, bySomebody, after]), [[false, null, false, 3], [true, 2, true, null]]);
  assert.equal(read.next, "within minutes");
});
