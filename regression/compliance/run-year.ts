import type { Codec } from "@caudal/schemas";
import { within } from "../simulation/time/take-over.ts";
import { judge } from "./judge.ts";
import { digestOf, flippedByte } from "./judge-chains.ts";
import type { Verdict } from "./judge-input.ts";
import { openSimulatedStores, type OpenStores } from "./stores.ts";
import { liveYear, type YearRun } from "./year.ts";

/** 1 January 2026, midnight on the regulator's clock. */
const START_US = Date.UTC(2026, 0, 1, 4) * 1000;
const DRAIN_DAYS = 12;

export interface JudgedYear {
  readonly run: YearRun;
  readonly verdict: Verdict;
  readonly digest: string;
  /** One byte changed in each chain: how many were found and named. */
  readonly flipped: { readonly chains: number; readonly named: number };
  readonly turns: number;
}

export interface RunOptions {
  readonly seed: string;
  readonly works: number;
  readonly days: number;
  /** 12 when absent. */
  readonly drainDays?: number;
  /** See `YearOptions`. */
  readonly ends?: number;
  readonly codec: Codec;
  /** Simulated ones when absent. */
  readonly openStores?: OpenStores;
  readonly onDay?: (day: number) => void;
}

/** One year and its verdict. `takeOver` goes before it. */
export async function runYear({ drainDays = DRAIN_DAYS, openStores = openSimulatedStores, ...options }: RunOptions): Promise<JudgedYear> {
  let turns = 0;
  const run = await within({ seed: options.seed, startUs: START_US, maxTurns: 1_000_000_000 }, async (time) => {
    const lived = await liveYear({ ...options, drainDays, openStores, startUs: START_US, time });
    turns = time.turns;
    return lived;
  });
  const flips = run.works.filter(({ entries }) => entries.length > 0).map((work) => flippedByte(work));
  return { run, verdict: judge(run), digest: digestOf(run), flipped: { chains: flips.length, named: flips.filter(({ seq, found }) => found.some((each) => each.fault === "chain-hash" && each.seq === seq)).length }, turns };
}
