import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../caudal/test-parts/until.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { CpuWatch } from "../promise/cpu-watch.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";
import { checkSample } from "./check-sample.ts";
import { drained, lagOf, readingsLeft } from "./drained.ts";
import { untilSubscribed } from "./engine-installation.ts";
import { startIntakeAlone } from "./intake-child.ts";
import { play, type PlayOptions } from "./play.ts";
import type { PublisherPlan, SampledDevice } from "./publisher.ts";

const DEVICES = 1000;
export const BACKLOG_SECONDS = 60;
const BACKLOG = 1_000_000;
const WARM_UP_S = 5;
const LONGEST_FILL_S = 600;
const ARRIVE_MS = 120_000;
const LEAST_OF_STEADY = 1.5;

/** Where readings come from and how they are known to have arrived, where that is not the installation's own broker. */
export interface BacklogPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly ahead?: number;
  /** Readings in the log since it began; absent where the broker acknowledges what the log has. */
  arrived?(): Promise<number>;
}

/** Measures the steady rate, then fills the log with nobody behind it, then starts everything and measures how fast it catches up. */
export async function measureBacklog(context: BenchContext, place: BacklogPlace): Promise<void> {
  const count = Math.round(BACKLOG * Math.min(1, context.seconds / BACKLOG_SECONDS));
  const folder = await mkdtemp(join(tmpdir(), "caudal-backlog-"));
  context.closing(() => rm(folder, { recursive: true, force: true }));
  const http = new HttpCaller();
  context.closing(() => http.close());
  const steady = await measureSteady(context, { folder, http, place });
  context.figure({ name: "steady, publish to all three tiers", value: steady.perS, unit: "readings/s" });
  context.figure({ name: "steady, CPU a reading", value: steady.cpuUs, unit: "µs" });
  const fromMs = Date.now();
  const filled = await fill(context, { folder, place, count });
  context.figure({ name: "into the log alone", value: filled.perS, unit: "readings/s" });
  await measureDrain(context, { folder, place, http, count, steadyPerS: steady.perS, sample: filled.sample, fromMs });
  context.note(`The steady rate is of ${context.seconds.toFixed(0)} s of publishing as fast as it is acknowledged, until all three tiers have all. Then \`caudal up\` was stopped and its collector alone took in ${count.toLocaleString("en")} readings; `
    + "after that `caudal up` was started on the same data, and the rate is of the readings that were left when it first answered, until all three tiers had all. What was left is what the group furthest behind lacked, so that nothing counts twice; what others had between them is not counted.");
}

interface Scene {
  readonly folder: string;
  readonly place: BacklogPlace;
}

async function measureSteady(context: BenchContext, { folder, http, place }: Scene & { readonly http: HttpCaller }): Promise<{ readonly perS: number; readonly cpuUs: number }> {
  const installation = await startOneProcess(place.env, folder);
  try {
    if (place.arrived !== undefined) await untilSubscribed(installation, http);
    const options = playOptions(context, place, [...installation.pids.values()], () => drained(installation, http));
    const plan = planOf(installation.addresses.mqtt, place);
    await play({ ...plan, seconds: WARM_UP_S }, options);
    const { acknowledged, throughS, cpuUs } = await play({ ...plan, seconds: context.seconds }, options);
    return { perS: acknowledged / throughS, cpuUs: cpuUs / acknowledged };
  } finally {
    await installation.stop();
  }
}

async function fill(context: BenchContext, { folder, place, count }: Scene & { readonly count: number }): Promise<{ readonly perS: number; readonly sample: readonly SampledDevice[] }> {
  const intake = await startIntakeAlone(folder, place.env);
  try {
    const all = async (): Promise<void> => void (await until(`${count} readings wait`, async () => ((await intake.waiting()) >= count ? true : undefined), ARRIVE_MS));
    const { acknowledged, throughS, sample } = await play({ ...planOf(intake.mqtt, place), count, seconds: LONGEST_FILL_S }, playOptions(context, place, [], all));
    if (acknowledged < count) throw new Error(`${acknowledged} of ${count} readings were acknowledged within ${LONGEST_FILL_S} s`);
    return { perS: acknowledged / throughS, sample };
  } finally {
    await intake.stop();
  }
}

interface Drain extends Scene {
  readonly http: HttpCaller;
  readonly count: number;
  readonly steadyPerS: number;
  readonly sample: readonly SampledDevice[];
  /** When the first reading of the backlog was sent. */
  readonly fromMs: number;
}

async function measureDrain(context: BenchContext, { folder, place, http, count, steadyPerS, sample, fromMs }: Drain): Promise<void> {
  const figure = (name: string, value: number, unit: string, limit: { atLeast?: number; atMost?: number } = {}): void => context.figure({ name, value, unit, ...limit });
  const startedMs = performance.now();
  const installation = await startOneProcess(place.env, folder);
  const watch = new CpuWatch([...installation.pids.values()]);
  try {
    const fromLookMs = performance.now();
    const left = readingsLeft(await lagOf(installation, http));
    context.print(`  ${left} readings are left when everything has started`);
    await drained(installation, http);
    const drainS = (performance.now() - fromLookMs) / 1000;
    const { cores, residentMiB } = watch.end();
    figure("drained", left / drainS, "readings/s");
    figure("drained, with the start of the process", (count * 1000) / (performance.now() - startedMs), "readings/s");
    figure("drained, over the steady rate", left / drainS / steadyPerS, "times", { atLeast: LEAST_OF_STEADY });
    figure("CPU a reading while draining", (cores * drainS * 1e6) / left, "µs");
    figure("resident memory at most while draining", residentMiB, "MiB");
    figure("of the backlog not in the history of 50 points", await checkSample(sample, { http, analytics: installation.addresses.analytics, fromMs }), "readings", { atMost: 1 });
  } finally {
    watch.end();
    await installation.stop();
  }
}

function planOf(mqtt: string, { ahead }: BacklogPlace): PublisherPlan {
  return { url: mqtt, devices: DEVICES, connections: 8, window: 2000, prefix: "well-", seconds: 0, ...(ahead === undefined ? {} : { ahead }) };
}

function playOptions({ print }: BenchContext, { arrived }: BacklogPlace, pids: readonly number[], through: () => Promise<void>): PlayOptions {
  return { pids, print, through, ...(arrived === undefined ? {} : { arrived }) };
}
