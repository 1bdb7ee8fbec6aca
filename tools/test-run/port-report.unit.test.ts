import assert from "node:assert/strict";
import { test } from "node:test";
import { PortReport, suiteOf } from "./port-report.ts";

test("a suite is known by its port, its tier and what stands behind it", () => {
  const named = (...path: string[]) => Object.values(suiteOf(path) ?? {});
  assert.deepEqual(named("EventLog: kafka", "publishing", "keeps the order"), ["EventLog", "kafka"]);
  assert.deepEqual(named("SeriesTier: embedded warm, folding all the time"), ["SeriesTier warm", "embedded"]);
  assert.deepEqual(named("SeriesTier: cassandra cold (slower than redis hot; another)"), ["SeriesTier cold", "cassandra"]);
  assert.deepEqual(named("SeriesTier: tests"), ["SeriesTier", "tests"]);
  assert.deepEqual(named("Documents on MongoDB"), ["Documents", "mongo"]);
  assert.deepEqual(named("SchemaRegistry: a Confluent-compatible registry"), ["SchemaRegistry", "registry"]);
  assert.deepEqual(named("SegmentStore: files"), ["SegmentStore", "embedded"]);
  assert.deepEqual(named("around", "LiveChannel: redis", "hears"), ["LiveChannel", "redis"]);
  assert.deepEqual(named("what an EventLog: is"), []);
});

test("the report has a row for each port and a column for each adapter", () => {
  const report = new PortReport();
  report.count(["LiveChannel: redis", "a"], "passed");
  report.count(["EventLog: kafka", "a"], "passed");
  report.count(["EventLog: kafka", "b"], "failed");
  report.count(["EventLog: embedded", "a"], "passed");
  report.count(["EventLog: embedded", "b"], "skipped");
  report.count(["something else"], "passed");
  assert.deepEqual(report.lines(), [
    "  suite        embedded             kafka               redis",
    "  EventLog     1 passed, 1 skipped  1 passed, 1 FAILED  -",
    "  LiveChannel  -                    -                   1 passed",
  ]);
});

test("without a suite there is no report", () => assert.deepEqual(new PortReport().lines(), []));
