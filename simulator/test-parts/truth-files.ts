import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { TruthEvent } from "../truth/truth-event.ts";

export interface SentLine {
  readonly seq: number;
  readonly transport: string;
  readonly device: string;
  readonly atUs: number;
  readonly samples: readonly { readonly key: string; readonly timeUs: number; readonly value: number }[];
  readonly repeats?: number;
  readonly corrects?: number;
  readonly kinds: readonly string[];
  readonly expect: string;
  readonly raw?: string;
}

export interface AcknowledgedLine {
  readonly seq: number;
  readonly outcome: "acknowledged" | "refused" | "unknown";
  readonly attempts: number;
  readonly atUs: number;
  readonly why?: string;
}

export interface FleetFile {
  readonly format: number;
  readonly seed: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly client: string;
  readonly devices: readonly { readonly device: string; readonly kind: string; readonly keys: readonly { readonly key: string; readonly variable: string; readonly unit: string }[] }[];
}

export interface TruthFiles {
  readonly fleet: FleetFile;
  readonly sent: readonly SentLine[];
  readonly acknowledged: readonly AcknowledgedLine[];
  readonly truth: readonly TruthEvent[];
}

/** A folder that goes with the test. */
export async function folderFor(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-simulator-"));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function readTruth(folder: string): Promise<TruthFiles> {
  const lines = async <T>(name: string): Promise<readonly T[]> => (await readFile(join(folder, name), "utf8")).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);
  return {
    fleet: JSON.parse(await readFile(join(folder, "fleet.json"), "utf8")) as FleetFile,
    sent: await lines("sent.ndjson"), acknowledged: await lines("acknowledged.ndjson"), truth: await lines("truth.ndjson"),
  };
}
