import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { HostileDay } from "./hostile-day.ts";
import { isWhole, summaryOf, writeReport } from "./report.ts";

const audit: HostileDay["audit"] = {
  ok: true, seed: "s", messages: 9, acknowledged: 9, readings: 9, outcomes: { "stored": 7, "superseded": 1, "parked:malformed-json": 1 }, findings: {}, examples: [], notes: {}, looked: { "facts in hot": 7 }, notGiven: [], tookMs: 1,
};
const day: HostileDay = { rows: 7, corrected: 1, samples: 12, lost: [], outdated: [], invented: [], requests: 40, exceeded: 0, quirks: { hang: 2 }, failures: { ok: 30 }, realMs: 61_000, audit };
const about = { command: "node main.ts", hours: 24, devices: 1, everyS: 600 } as const;

test("a report holds both engines' hours, and says what was found", () => {
  const folder = mkdtempSync(join(tmpdir(), "caudal-hostile-report-"));
  try {
    writeReport(folder, summaryOf(day, { ...about, mode: "embedded" }));
    const bad: HostileDay = { ...day, lost: ["tdata a"], audit: { ...audit, ok: false, outcomes: { ...audit.outcomes, lost: 2 }, findings: { lost: 6 } } };
    writeReport(folder, summaryOf(bad, { ...about, mode: "engines" }));
    const text = readFileSync(join(folder, "REPORT.md"), "utf8");
    assert.match(text, /## On the embedded engine[^#]*\*\*0 lost, 0 doubled, 0 invented, nothing else found\*\*/);
    assert.match(text, /## On Kafka[^#]*\*\*2 lost, 0 doubled, 0 invented; found: 6 lost, 1 lost in the log\*\*/);
    assert.match(text, /7 stored, 1 superseded, 1 parked:malformed-json/);
    assert.deepEqual([isWhole(day), isWhole(bad), isWhole({ ...day, exceeded: 1 }), isWhole({ ...day, audit: { ...audit, ok: false } })], [true, false, false, false]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
