import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemScope, type RowBlock } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { openEmbeddedTier } from "./open-tier.ts";

const MINUTE_US = 60_000_000;
/** More than one slice of a fold takes. */
const POINTS = 100;
const CLIENT = "killed";
/** Each batch also corrects what came this many batches before, so that folds rewrite blocks. */
const CORRECTED_AFTER = 7;
/** Folds begin every few batches and are cut into slices, so that a kill often falls into one. */
const options = { name: "warm", retentionMs: null, revisions: "latest", maxPendingFacts: 1000 } as const;

const [role, directory, first] = process.argv.slice(2);
if (role === "writer") await writeUntilKilled(directory!, Number(first));
else test("keeps every acknowledged batch through SIGKILL, in the middle of folds too", { timeout: 60_000 }, killAndCheck);

async function writeUntilKilled(into: string, from: number): Promise<void> {
  const tier = await openEmbeddedTier({ ...options, directory: into });
  const lane = async (start: number): Promise<void> => {
    for (let batch = start; ; batch += 3) {
      await tier.write(batchOf(batch));
      process.send?.(batch);
    }
  };
  await Promise.all([lane(from), lane(from + 1), lane(from + 2)]);
}

async function killAndCheck(): Promise<void> {
  const into = await mkdtemp(join(tmpdir(), "caudal-kill-"));
  try {
    const acknowledged = new Set<number>();
    let next = 0;
    for (const batches of [1, 40, 23, 37]) {
      await writeAndKill(into, next, batches, acknowledged);
      // Batches under way at the kill may or may not be there; a new writer takes other numbers.
      next = Math.max(...acknowledged) + 10;
      await check(into, acknowledged);
    }
    assert.ok(acknowledged.size >= 101, `${acknowledged.size} batches`);
  } finally {
    await rm(into, { recursive: true });
  }
}

async function writeAndKill(into: string, from: number, batches: number, acknowledged: Set<number>): Promise<void> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ["writer", into, String(from)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  let count = 0;
  child.on("message", (batch: number) => {
    acknowledged.add(batch);
    if (++count === batches) child.kill("SIGKILL");
  });
  const [, signal] = await once(child, "close");
  assert.equal(signal, "SIGKILL");
}

async function check(into: string, acknowledged: ReadonlySet<number>): Promise<void> {
  const tier = await openEmbeddedTier({ ...options, directory: into });
  try {
    for (let p = 0; p < POINTS; p++) {
      const flows = new Map<number, number>();
      for await (const block of tier.read(systemScope, { client: CLIENT, point: `p${p}`, fromUs: -Infinity, toUs: Infinity })) addFlows(flows, block);
      for (const batch of acknowledged) {
        const value = flows.get(batch);
        if (acknowledged.has(batch + CORRECTED_AFTER)) assert.equal(value, correctedFlow(batch, p), `correction of batch ${batch}`);
        else assert.ok(value === flow(batch, p) || value === correctedFlow(batch, p), `batch ${batch} of point ${p} came back as ${value}`);
      }
    }
  } finally {
    await tier.close();
  }
}

function addFlows(flows: Map<number, number>, block: RowBlock): void {
  const column = block.columns.find(({ variable }) => variable === "flow")!;
  block.timesUs.forEach((timeUs, row) => flows.set(timeUs / MINUTE_US, column.values[row]!));
}

function flow(batch: number, point: number): number {
  return batch * 1000 + point;
}

function correctedFlow(batch: number, point: number): number {
  return flow(batch, point) + 0.5;
}

function batchOf(batch: number): Measurement[] {
  return Array.from({ length: POINTS }, (_, p) => [
    measurement(p, batch, { flow: flow(batch, p), level: batch }, 0),
    ...(batch >= CORRECTED_AFTER ? [measurement(p, batch - CORRECTED_AFTER, { flow: correctedFlow(batch - CORRECTED_AFTER, p) }, 1)] : []),
  ]).flat();
}

function measurement(point: number, minute: number, values: Readonly<Record<string, number>>, authority: number): Measurement {
  const instantUs = minute * MINUTE_US;
  return {
    eventId: `${point}/${minute}/${authority}`, client: CLIENT, point: `p${point}`, device: "", channel: "", source: "test", transport: "test", instantUs,
    observedAtUs: null, receivedAtUs: instantUs, authority, knownAtUs: instantUs, causeId: "", labels: {},
    facts: Object.entries(values).map(([variable, value]) => ({ variable, value, flag: 1, reasons: [] })),
  };
}
