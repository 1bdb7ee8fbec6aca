import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Reading } from "@caudal/schemas";
import { openSandbox, type Sandbox } from "../../../sandbox/index.ts";
import { audit } from "../auditor/audit.ts";
import type { Evidence, TierFact } from "../auditor/evidence.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { writeDayTruth } from "./day-truth.ts";

/* A sandbox's rows as the auditor's truth: an installation that holds them is whole, and each fault that is planted in it is found and named. */

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const HOUR_MS = 3_600_000;
const DEVICE = "tdata-1";

interface Held {
  readonly key: string;
  readonly timeUs: number;
  /** As the sandbox gave them, oldest first. */
  readonly values: (number | string | boolean)[];
}

/** What every tier and the archive of a perfect installation hold. */
function heldOf(sandbox: Sandbox): Held[] {
  const quantities = new Map(sandbox.accounts()[0]!.devices[0]!.keys.map(({ key, quantity }) => [key, quantity as string]));
  return [...sandbox.truth({ fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS })].map(({ key, timeUs, revisions }) => ({ key: quantities.get(key) ?? key, timeUs, values: revisions.map(({ value }) => value) }));
}

function readingsOf(held: readonly Held[]): readonly Reading[] {
  return held.flatMap(({ key, timeUs, values }) => values.map((value) => ({ source: "tdata", device: DEVICE, receivedAtUs: NOW_MS * 1000, samples: [{ key, timeUs, value, unit: null }] }) as unknown as Reading));
}

function factOf({ key, timeUs, values }: Held): TierFact | undefined {
  const number = Number(values.at(-1));
  if (!Number.isFinite(number)) return undefined;
  const isNone = number < 0 && (key === "pulses" || number === -999 || number === -3200);
  return { instantUs: timeUs, variable: key, value: isNone ? null : number, flag: 1, reasons: [], authority: 0, knownAtUs: NOW_MS * 1000 };
}

function evidenceOf(inTiers: readonly Held[], archived: readonly Held[]): Evidence {
  const order = (a: TierFact, b: TierFact): number => a.instantUs - b.instantUs || (a.variable < b.variable ? -1 : 1);
  return {
    async *directory() {
      for (const [key, unit] of [["pulses", "pulse"], ["flow", "L/s"]] as const) yield { client: "acme", device: DEVICE, key, point: "p", variable: key, unit, ignored: false };
    },
    tiers: ["hot", "warm", "cold"].map((name) => ({
      name, retentionUs: null, floorUs: async () => -Infinity,
      async *facts() {
        yield inTiers.flatMap((row) => factOf(row) ?? []).sort(order);
      },
    })),
    async *archive() {
      yield archived.flatMap(({ key, timeUs, values }) => values.map((value) => ({ client: "acme", device: DEVICE, rawSha256: "00", isWhole: true, samples: [{ key, timeUs, value }] })));
    },
  };
}

test("an installation that holds a sandbox's rows is whole; a row that is gone, an old value, one that nobody gave and one that is not archived are found", async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-day-truth-"));
  const sandbox = await openSandbox({ seed: "truth", devices: { tdata: 1 }, everyMs: [600_000], days: 2, quirks: { all: { "late-corrections": 0.3, "nan-text": 0.05, "sentinels": 0.05, "negative-status": 0.05 } }, nowMs: () => NOW_MS });
  try {
    const held = heldOf(sandbox);
    const judged = async (inTiers: readonly Held[], inLog = held): Promise<AuditVerdict> => {
      const due = { fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS, asOfMs: NOW_MS };
      await writeDayTruth(folder, { sandbox, seed: "truth", client: "acme", bodies: [], readings: readingsOf(inLog), ...due });
      return audit({ truthDirectory: folder, evidence: evidenceOf(inTiers, inLog) });
    };
    const whole = await judged(held);
    assert.deepEqual([whole.ok, whole.examples], [true, []]);
    for (const outcome of ["stored", "superseded", "dropped:not-numeric"]) assert.ok((whole.outcomes[outcome] ?? 0) > 3, outcome);
    const twice = await judged(held, [...held, held[0]!]);
    assert.deepEqual([twice.ok, twice.outcomes["dropped:duplicate"]], [true, held[0]!.values.length]);
    const stands = (row: Held): boolean => factOf(row)?.value != null;
    const [first, corrected] = [held.find(stands)!, held.find((row) => row.values.length > 1 && stands(row))!];
    const with_ = (row: Held, ...instead: Held[]): Held[] => held.flatMap((each) => (each === row ? instead : [each]));
    assert.deepEqual((await judged(with_(first))).findings, { lost: 3 });
    // What was there to be asked for is lost whether the log has it or not.
    assert.deepEqual((await judged(with_(first), with_(first))).findings, { "lost": 3, "not-archived": 1 });
    assert.deepEqual((await judged(with_(corrected, { ...corrected, values: corrected.values.slice(0, 1) }))).findings, { stale: 3 });
    assert.deepEqual((await judged(with_(first, { ...first, values: [123_456] }))).findings, { altered: 3 });
    assert.deepEqual((await judged([...held, { ...first, timeUs: first.timeUs + 1 + 60_000_000, values: [7] }])).findings, { invented: 3 });
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true });
  }
});
