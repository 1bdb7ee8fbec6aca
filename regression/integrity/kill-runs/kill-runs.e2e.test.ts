import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { arrivalOf, type FaultArrival } from "@caudal/runtime";
import { freePort } from "../../../tools/engines/free-ports.ts";
import { readCatalogue } from "./catalogue.ts";
import { embeddedInstallation } from "./embedded-installation.ts";
import { takeReport } from "./installation.ts";
import { isGood, killRun } from "./kill-run.ts";
import { runService } from "./service-process.ts";
import { summarize, whatOf } from "./summary.ts";

/*
 * A few runs of the driver that does hundreds: real processes, ended with SIGKILL where a seed says, started again, drained and audited.
 */

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-kill-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const SEEDS = ["short-1", "short-2", "short-6"];

test("killed where seeds say, everything acknowledged stands once in every tier", { timeout: 200_000 }, async (t) => {
  const catalogue = readCatalogue("embedded");
  const installation = await embeddedInstallation(await folderOf(t));
  t.after(() => installation.close());
  const results = [];
  for (const seed of SEEDS) {
    const result = await killRun({ seed, installation, catalogue });
    assert.ok(isGood(result), `${seed}: ${whatOf(result).join("\n")}`);
    assert.ok(result.kills.length > 0, `${seed} killed nobody`);
    assert.equal(result.feed?.unknown, 0);
    results.push(result);
  }
  const summary = summarize({ mode: "embedded", series: "short", results, catalogue, reached: new Set(installation.reached().keys()), tookMs: 1 });
  assert.equal(summary.good, SEEDS.length);
  assert.equal(summary.outcomes["lost"] ?? 0, 0);
  assert.equal(summary.outcomes["doubled"] ?? 0, 0);
  assert.ok((summary.outcomes["stored"] ?? 0) > 1000);
  assert.ok(summary.pointsReached > 80, `${summary.pointsReached} points reached`);
});

test("a seed ends the process at the same arrival of the same point each time", { timeout: 100_000 }, async (t) => {
  const point = "collector/log.publish(caudal.readings)/after";
  const seed = Array.from({ length: 100 }, (_, index) => `again-${index}`).find((text) => (arrivalOf(text, point, point) ?? 0) === 3)!;
  const deaths: (FaultArrival | null | undefined)[] = [];
  for (let time = 0; time < 2; time++) {
    const folder = await folderOf(t);
    const port = await freePort();
    const caudal = runService(["up", "--data", folder, "--http", `127.0.0.1:${port}`, "--mqtt", "off", "--no-demo"], { CAUDAL_FAULTS: `${seed}:${point}` });
    t.after(() => caudal.kill());
    assert.ok(await caudal.ready, caudal.output());
    const answers: (number | undefined)[] = [];
    for (let at = 0; at < 5 && !caudal.isGone(); at++) {
      const body = JSON.stringify({ device_id: "w", ts: 1_700_000_000_000 + at, flow_lps: at });
      answers.push(await fetch(`http://127.0.0.1:${port}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json" }, body }).then(({ status }) => status, () => undefined));
    }
    assert.deepEqual(answers.slice(0, 3), [202, 202, undefined]);
    assert.equal((await caudal.ended).signal, "SIGKILL");
    deaths.push(takeReport(folder, caudal.pid)?.killed);
  }
  assert.deepEqual(deaths, [{ point, arrival: 3 }, { point, arrival: 3 }]);
});

test("a process that was asked for faults and not ended says which points it came to, one that was not asked says nothing", { timeout: 60_000 }, async (t) => {
  for (const faults of ["spared:none", undefined]) {
    const folder = await folderOf(t);
    const caudal = runService(["up", "--data", folder, "--http", "127.0.0.1:0", "--mqtt", "off", "--no-demo"], faults === undefined ? {} : { CAUDAL_FAULTS: faults });
    t.after(() => caudal.kill());
    assert.ok(await caudal.ready, caudal.output());
    await caudal.stop();
    const report = takeReport(folder, caudal.pid);
    assert.equal(report?.killed, faults === undefined ? undefined : null);
    assert.equal(Object.keys(report?.reached ?? {}).some((name) => name.startsWith("processor/consumer.assigned")), faults !== undefined);
  }
});
