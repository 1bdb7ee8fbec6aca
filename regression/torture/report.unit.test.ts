import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";
import { markdownReport, type ScenarioResult } from "./report.ts";

const result: ScenarioResult = {
  name: "redis-killed", what: "kill -9 of Redis", findings: [], notes: [], recoveredMs: 1234, lastedMs: 20_000, sent: 100, acknowledged: 98, sentAgain: 3, verdict: undefined,
  observed: { intakeReady: 1, answersReady: 0.955, mostBehind: { hot: 12, warm: 40 }, mostMb: { "processor-0": 130 }, looks: 40 },
};
const about = { title: "Faults", command: "npm run torture", machine: "2026-01-01, two cores" };

test("the report has a row a scenario, and says what failed and why", () => {
  const text = markdownReport([result, { ...result, name: "broker-killed", findings: ["hot was delayed: 900 behind"], recoveredMs: undefined }], about);
  assert.match(text, /2 scenarios, 1 failed/);
  assert.match(text, /\| \*\*redis-killed\*\*: kill -9 of Redis \| passed \| 98 of 100 \| 3 \| \? \| \? \| 1\.2 s \| 100\.0 % \| 95\.5 % \| 40 \(warm\) \| 130 \(processor-0\) \|/);
  assert.match(text, /\*\*failed\*\*: hot was delayed: 900 behind .*\| never \|/);
});

test("options are read, and what is none is named", () => {
  assert.deepEqual(readOptions(["redis-killed", "--scale", "0.5", "--nodes", "1"]), { names: ["redis-killed"], seed: "1", ratePerS: 30, scale: 0.5, nodes: 1, report: undefined, json: undefined, logs: undefined, list: false });
  assert.throws(() => readOptions(["--nodes", "2"]), /1 or 3/);
  assert.throws(() => readOptions(["--rate", "much"]), /--rate takes a number/);
});
