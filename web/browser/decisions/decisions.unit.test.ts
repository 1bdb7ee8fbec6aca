import assert from "node:assert/strict";
import { test } from "node:test";
import { readDecision, readOpenDecisions, type Decision } from "../wire/decision.ts";
import type { Cell } from "../wire/history.ts";
import { pictureOf } from "./count-picture.ts";
import { loadWindow, windowOf } from "./count-window.ts";
import { heldWord, kindKey, stateOf, undoingOf } from "./decision-state.ts";
import { queryOf } from "./filter.ts";

const decision = (more: object = {}): Decision => readDecision({ id: "d", client: "c", point: "p", variable: "pulses", at: "2026-03-01T12:00:00Z", kind: "reset", state: "made", said: false, baseline: 100, count: 4, volumeM3: 1, knownAt: "k", words: [], ...more }) ?? assert.fail();
const word = (asked: string, verdict: string | null = "reset") => ({ asked, of: "reset", verdict, author: "Ana", reason: "r", at: "2026-03-02T00:00:00Z" });
const cell = (minute: number, value: number | null): Cell => ({ time: "", timeMs: Date.parse("2026-03-01T12:00:00Z") + minute * 60_000, value, flag: 1, reasons: [], bucket: null });

test("a decision is the machine's until a person speaks, and then as they said", () => {
  assert.equal(stateOf(decision()), "open");
  assert.equal(stateOf(decision({ state: "gone", said: true })), "gone");
  for (const [asked, state] of [["confirm", "confirmed"], ["correct", "corrected"], ["undo", "undone"]] as const) assert.equal(stateOf(decision({ said: true, words: [word(asked)] })), state);
  assert.equal(stateOf(decision({ said: true })), "said", "who said it was not kept");
  assert.equal(stateOf(decision({ kind: "ignored" })), "follows", "from a word on a count before it");
  assert.equal(heldWord(decision({ words: [word("confirm"), word("undo", null)] })), undefined);
});

test("undoing means taking back what a person said, and else the opposite of what was decided", () => {
  assert.deepEqual([undoingOf(decision({ said: true })), undoingOf(decision()), undoingOf(decision({ kind: "spike" })), undoingOf(decision({ kind: "jump" }))], ["take-back", "fault", "counts", "fault"]);
  assert.deepEqual([kindKey("rollover"), kindKey("of-tomorrow")], ["rollover", "other"]);
});

test("what a list shows is asked of the server", () => {
  assert.deepEqual(queryOf({ shown: "open", kind: "reset", client: "" }, "p"), { open: "true", kind: "reset", client: "", point: "p" });
  assert.deepEqual(queryOf({ shown: "all", kind: "", client: "acme" }, null), { kind: "", client: "acme", point: null });
});

test("what is unreadable is left out, and counts of open ones are read by point", () => {
  assert.equal(readDecision({ id: "d", at: "never" }), undefined);
  const open = readOpenDecisions({ items: [{ point: "a", count: 2 }, { count: 3 }], total: 5, more: true });
  assert.deepEqual([[...open.byPoint], open.total, open.more], [[["a", 2]], 5, true]);
});

test("the volume is asked for where the counter gives one alone, and few counts are looked for more widely", async () => {
  const asked: URLSearchParams[] = [];
  const api = { call: async (path: string) => (asked.push(new URL(path, "http://h.test").searchParams), { columns: [], items: [], next: asked.length === 4 ? "more" : null }), all: () => assert.fail() };
  const reaches = () => asked.splice(0).map((query) => (Date.parse(query.get("to") ?? "") - Date.parse(query.get("from") ?? "")) / 7_200_000);
  await loadWindow(api, decision({ volumeM3: null }), new AbortController().signal);
  assert.deepEqual(asked.map((query) => query.get("variables")), ["pulses", "pulses", "pulses"], "a variable that a point does not have would be refused");
  assert.deepEqual(reaches(), [6, 72, 960]);
  api.call = async (path: string) => (asked.push(new URL(path, "http://h.test").searchParams), { columns: [], items: [], next: asked.length === 1 ? "more" : null });
  await loadWindow(api, decision(), new AbortController().signal);
  assert.equal(asked[0]?.get("variables"), "pulses,volume");
  assert.deepEqual(reaches(), [6, 1 / 12], "a counter of every second is looked at from near");
});

test("around a decision stand the nearest counts of both sides, and the volume before and with it", () => {
  const counts = Array.from({ length: 60 }, (_, at) => cell(at - 30, at < 30 ? 100 + at : at - 30));
  const around = windowOf(decision(), new Map([["pulses", counts], ["volume", [cell(-1, 12), cell(0, 12.4), cell(1, 12.5)]]]));
  assert.deepEqual([around.cells.length, around.cells[0]?.timeMs, around.volumeBeforeM3, around.volumeM3], [25, cell(-12, 0).timeMs, 12, 12.4]);
  const picture = pictureOf(around.cells, decision({ baseline: 129 })) ?? assert.fail();
  assert.deepEqual(["before", "at", "after"].map((side) => picture.dots.filter((dot) => dot.side === side).length), [12, 1, 12]);
  assert.deepEqual([picture.min, picture.max], [0, 129]);
  assert.equal(picture.baselineY, Math.min(...picture.dots.map(({ y }) => y)));
  assert.equal(pictureOf([], decision()), null);
  assert.equal(pictureOf([cell(0, 5)], decision())?.baselineY, null, "a count before that is off the picture");
});
