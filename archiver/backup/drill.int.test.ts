import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { SeriesTier } from "@caudal/core";
import { createHeldClock, createJobs, createMetrics, silentLogger, systemClock } from "@caudal/runtime";
import { BackupFolder } from "./backup-folder.ts";
import { createBackups, type BackupsOptions } from "./backups.ts";
import { drillBackup } from "./drill.ts";
import { BackupNotes } from "./notes.ts";
import { backUp, folderFor, noRun, openEmbedded, portsFor, start, type OpenedPorts } from "./test-installation.ts";

const HOUR_US = 3_600_000_000;

async function small(context: Parameters<typeof folderFor>[0]): Promise<{ readonly folder: string; readonly ports: OpenedPorts; readonly store: BackupFolder }> {
  const folder = await folderFor(context);
  const ports = await portsFor(context, join(folder, "a"));
  const running = await start(ports);
  for (let at = 0; at < 30; at += 1) await running.send("w-1", [at * 60, { flow: at }]);
  await running.settled();
  await running.stop();
  return { folder, ports, store: new BackupFolder(join(folder, "store")) };
}

/** A tier that leaves out one write. */
function forgetful(tier: SeriesTier): SeriesTier {
  let left = 1;
  const bound = Object.fromEntries((["read", "latest", "digest", "floor", "raiseFloor", "eraseClient", "close"] as const).map((name) => [name, (tier[name] as (...call: unknown[]) => unknown).bind(tier)])) as unknown as Omit<SeriesTier, "write" | "name" | "capabilities">;
  return { ...bound, name: tier.name, capabilities: tier.capabilities, write: (batch) => tier.write(left-- > 0 ? batch.slice(1) : batch) };
}

describe("drills and the schedule", { concurrency: 2 }, () => {
  test("a drill restores, compares and reads history, and leaves nothing; a planted difference is found and named", async (context) => {
    const { ports, store } = await small(context);
    const { manifest } = await backUp(ports, store);
    const good = await drillBackup({ folder: store, openScratch: openEmbedded, clock: systemClock, run: noRun });
    assert.equal(good.ok, true);
    assert.deepEqual([good.name, good.points, good.days, good.sampledRows], [manifest.name, 1, manifest.digests.days, 30]);
    const bad = await drillBackup({
      folder: store, clock: systemClock, run: noRun, openScratch: async (directory) => {
        const scratch = await openEmbedded(directory);
        return { ...scratch, cold: forgetful(scratch.cold) };
      },
    });
    assert.equal(bad.ok, false);
    assert.deepEqual(bad.differences.map(({ tier, expectedFacts, facts }) => [tier, expectedFacts, facts]), [["cold", 30, 29]]);
    assert.deepEqual((await readdir(store.directory)).sort(), ["archive", "backups"]);
  });

  test("the schedule takes one when it is due, keeps as many as asked, drills the newest, and two processes take it once", async (context) => {
    const { ports, store } = await small(context);
    const clock = createHeldClock(Date.now() * 1000);
    const metrics = createMetrics({ process: false });
    const jobs = [0, 1].map(() => createJobs({ clock, logger: silentLogger }));
    const options: Omit<BackupsOptions, "jobs"> = {
      ports, directory: store.directory, version: "test", engines: {}, openScratch: openEmbedded, keep: 2, clock, everyMs: 3_600_000, drillEveryMs: 7_200_000, logger: silentLogger, metrics,
    };
    const processes = jobs.map((own) => createBackups({ ...options, jobs: own }));
    const look = async (): Promise<number> => {
      const before = jobs.flatMap((own) => own.list()).length;
      await Promise.all(processes.map((one) => one.look()));
      for (let tries = 0; jobs.some((own) => own.list().some(({ state }) => state === "running")); tries += 1) {
        assert.ok(tries < 1000, "a job ends");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const job of jobs.flatMap((own) => own.list())) assert.equal(job.error, null);
      return jobs.flatMap((own) => own.list()).length - before;
    };
    assert.equal(await look(), 1, "the first backup");
    assert.equal(await look(), 1, "a drill of it");
    assert.equal(await look(), 0, "nothing is due");
    for (let hour = 0; hour < 4; hour += 1) {
      await clock.advance(3_600_000);
      await look();
    }
    assert.equal((await store.names()).length, 2);
    const notes = await BackupNotes.open(ports.documents);
    const [backup, drill] = [await notes.last("backup"), await notes.last("drill")];
    assert.equal(backup?.endedAtUs, clock.nowUs());
    assert.ok(drill?.ok === true && clock.nowUs() - drill.endedAtUs <= 2 * HOUR_US);
    assert.equal(await metrics.sum("caudal_backup_last_success_timestamp_seconds"), clock.nowUs() / 1e6);
    assert.equal(await metrics.sum("caudal_backup_drill_last_success_timestamp_seconds"), (drill?.endedAtUs ?? 0) / 1e6);
    assert.equal(await metrics.sum("caudal_backup_failures_total"), 0);
    await Promise.all(jobs.map((own) => own.stop(1000)));
  });
});
