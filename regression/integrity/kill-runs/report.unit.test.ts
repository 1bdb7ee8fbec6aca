import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditVerdict } from "../auditor/verdict.ts";
import type { RunResult } from "./kill-run.ts";
import { alarmsIn } from "./alarms.ts";
import { readOptions } from "./options.ts";
import { reportText } from "./report.ts";
import { summarize } from "./summary.ts";

const feed = { sent: 10, acknowledged: 9, refused: 1, unknown: 0, sentAgain: 2, perSecond: 5, simulatedUs: 0, tookMs: 100, refusals: [] };
const verdict = (over: Partial<AuditVerdict> = {}): AuditVerdict => ({
  ok: true, seed: "s", messages: 10, acknowledged: 9, readings: 20, outcomes: { stored: 20 }, findings: {}, examples: [], notes: {}, looked: {}, notGiven: [], tookMs: 1, ...over,
});
const run = (seed: string, over: Partial<RunResult> = {}): RunResult => ({
  seed, plan: { seed, first: { kind: "moment", service: "caudal", afterMs: 1 }, second: undefined }, feed, verdict: verdict(), isMissed: false, problems: [], drainedMs: 3000, tookMs: 5000,
  kills: [{ at: "a/x/before@2", service: "caudal", readyMs: 1000 }, { at: "moment", service: "caudal", readyMs: 2000 }], ...over,
});
const catalogue = { "a/x/before": 5, "a/x/after": 5, "b/y/before": 1 };
const given = { mode: "embedded", series: "s", catalogue, reached: new Set(["a/x/before", "a/x/after"]), tookMs: 10_400 } as const;

test("a series without findings adds up", () => {
  const summary = summarize({ ...given, results: [run("s-0"), run("s-1")] });
  assert.deepEqual([summary.runs, summary.good, summary.kills, summary.sent, summary.acknowledged, summary.sentAgain], [2, 2, 4, 20, 18, 4]);
  assert.deepEqual(summary.killsByPoint, { "a/x/before": 2, moment: 2 });
  assert.deepEqual(summary.neverReached, ["b/y/before"]);
  assert.deepEqual(summary.neverKilledAt, ["a/x/after", "b/y/before"]);
  assert.deepEqual(summary.readySeconds, { p50: 2, p95: 2, max: 2 });
  const text = reportText([summary]);
  assert.match(text, /0 lost, 0 doubled, nothing else found/);
  assert.match(text, /--runs 2 --seed s`, 10 s/);
  assert.match(text, /never reached in these runs: `b\/y\/before`\./);
});

test("what a run found is told with its seed, whether the auditor or the driver found it", () => {
  const lost = verdict({ ok: false, outcomes: { stored: 19, lost: 1 }, findings: { lost: 1 }, examples: [{ kind: "lost", where: "hot", device: "well-1", detail: "gone" }] });
  const summary = summarize({ ...given, results: [run("s-0", { verdict: lost }), run("s-1", { problems: ["not drained"] }), run("s-2", { verdict: undefined })] });
  assert.equal(summary.good, 0);
  assert.deepEqual(summary.findings.map(({ seed }) => seed), ["s-0", "s-1", "s-2"]);
  assert.match(summary.findings[0]!.what.join(), /lost: 1.*well-1/);
  assert.match(reportText([summary]), /3 runs found something[\s\S]*- `s-1`: not drained/);
});

test("what does not add up is read from the metrics", () => {
  const metrics = '# HELP caudal_conservation_residuals_total x\ncaudal_conservation_residuals_total{check="line",group="processor-hot"} 2\ncaudal_conservation_residual_facts{group="a"} 0\ncaudal_conservation_residual_facts{group="b"} -3\ncaudal_facts_in_total{group="a"} 7\n';
  assert.deepEqual(alarmsIn(metrics), ['caudal_conservation_residuals_total{check="line",group="processor-hot"} 2', 'caudal_conservation_residual_facts{group="b"} -3']);
  assert.deepEqual(alarmsIn(""), []);
});

test("the line is read, and one that is wrong says so", () => {
  const { report, ...all } = readOptions([]);
  assert.deepEqual(all, { mode: "embedded", series: "1", only: undefined, learn: false, json: false, runs: 200, lanes: 1, perFolder: 20 });
  assert.match(report ?? "", /kill-runs\/$/);
  assert.deepEqual([readOptions(["--runs", "5"]).report, readOptions(["--runs", "5", "--report", "x"]).report], [undefined, "x"]);
  assert.equal(readOptions(["--engines"]).runs, 50);
  assert.deepEqual([readOptions(["--only", "e-5", "--lanes", "3"]).runs, readOptions(["--only", "e-5", "--lanes", "3"]).lanes], [1, 1]);
  for (const wrong of [["--runs", "x"], ["--runs", "0"], ["--seed", "a b"], ["--what"]]) assert.throws(() => readOptions(wrong), TypeError);
});
