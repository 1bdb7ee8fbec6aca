import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Evidence, TierFact } from "./evidence.ts";

/** A row as a device sends it, in order; each is a message of its own. */
export interface ModelRow {
  readonly device: number;
  readonly step: number;
  readonly value: number;
  readonly outcome: "acknowledged" | "unknown";
  /** Whether an unacknowledged one came all the same. */
  readonly came: boolean;
}

export const deviceName = (device: number): string => `d-${device}`;
const pointOf = (device: string): string => `point of ${device}`;

export async function writeTruth(rows: readonly ModelRow[], devices: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-model-"));
  const keys = [{ key: "level_m", variable: "level", unit: "m" }];
  const lines = (all: readonly object[]): string => all.map((one) => `${JSON.stringify(one)}\n`).join("");
  await writeFile(join(folder, "fleet.json"), JSON.stringify({ format: 1, seed: "model", startUs: 0, endUs: 1, client: "c", devices: Array.from({ length: devices }, (_, device) => ({ device: deviceName(device), kind: "well", keys })) }));
  await writeFile(join(folder, "sent.ndjson"), lines(rows.map(({ device, step, value }, at) => ({
    seq: at + 1, transport: "memory", device: deviceName(device), atUs: at, kinds: [], expect: "stored", samples: [{ key: "level_m", timeUs: step * 1_000_000, value }],
  }))));
  await writeFile(join(folder, "acknowledged.ndjson"), lines(rows.map(({ outcome }, at) => ({ seq: at + 1, outcome, attempts: 1, atUs: at }))));
  return folder;
}

/** What an installation without a fault holds of these rows: three tiers as maps that a test may spoil, and the archive. */
export function modelEvidence(rows: readonly ModelRow[]): { readonly evidence: Evidence; readonly tiers: readonly Map<string, Map<number, TierFact>>[] } {
  const taken = rows.map((row, at) => ({ ...row, at })).filter(({ outcome, came }) => outcome === "acknowledged" || came);
  const tiers = ["hot", "warm", "cold"].map(() => {
    const points = new Map<string, Map<number, TierFact>>();
    for (const { device, step, value, at } of taken) {
      const facts = points.get(pointOf(deviceName(device))) ?? new Map<number, TierFact>();
      facts.set(step, { instantUs: step * 1_000_000, variable: "level", value, flag: 1, reasons: [], authority: 0, knownAtUs: at });
      points.set(pointOf(deviceName(device)), facts);
    }
    return points;
  });
  const evidence: Evidence = {
    async *directory() {
      for (const device of new Set(rows.map((row) => deviceName(row.device)))) yield { client: "c", device, key: "level_m", point: pointOf(device), variable: "level", unit: "m", ignored: false };
    },
    tiers: tiers.map((points, at) => ({
      name: ["hot", "warm", "cold"][at]!, retentionUs: null,
      floorUs: async () => -Infinity,
      async *facts({ point }) {
        const facts = [...(points.get(point)?.values() ?? [])].sort((a, b) => a.instantUs - b.instantUs);
        for (let from = 0; from < facts.length; from += 3) yield facts.slice(from, from + 3);
      },
    })),
    async *archive() {
      yield taken.map(({ device, step, value }) => ({ client: "c", device: deviceName(device), rawSha256: "00", isWhole: true, samples: [{ key: "level_m", timeUs: step * 1_000_000, value }] }));
    },
  };
  return { evidence, tiers };
}
