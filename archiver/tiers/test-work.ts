import { createMetrics, silentLogger, type JobProgress, type Metrics } from "@caudal/runtime";
import type { Scene } from "../../analytics/test-scene.ts";
import type { TierFindings, TierReport } from "./findings.ts";
import { createTierWork, type TierJob, type TierRequest, type TierWorkOptions } from "./tier-work.ts";

export const DAY = 86_400e6;

export interface Tried {
  readonly report: TierReport;
  readonly metrics: Metrics;
  readonly progress: readonly JobProgress[];
  /** Findings of a tier that was asked for. */
  of(tier: "hot" | "warm"): TierFindings;
}

/** What a job stands on. */
export type TriedOn = Pick<Scene, "log" | "codec" | "documents" | "clock" | "hot" | "warm" | "cold">;

/** Runs a job over some tiers. */
export async function tried(scene: TriedOn, job: TierJob, request: TierRequest, over: Partial<TierWorkOptions> = {}): Promise<Tried> {
  const { log, codec, documents, clock, hot, warm, cold } = scene;
  const metrics = createMetrics({ process: false });
  const work = createTierWork({ tiers: { hot, warm, cold }, log, codec, documents, clock, logger: silentLogger, metrics, waitMs: 5000, ...over });
  const progress: JobProgress[] = [];
  const report = await work.run(job, request, { signal: new AbortController().signal, progress: (told) => void progress.push(told) });
  return { report, metrics, progress, of: (tier) => report.tiers.find((each) => each.tier === tier)! };
}
