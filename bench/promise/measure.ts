import { fork } from "node:child_process";
import { join } from "node:path";
import type { BenchContext } from "../harness/benchmark.ts";
import { CpuWatch, watchOthers, type CpuUse } from "./cpu-watch.ts";
import { engineEnvironment, installationEngines, type InstallationUrls } from "./engine-environment.ts";
import type { Installation } from "./installation.ts";
import { httpAddresses, type LoadPlan, type LoadResult, type LoadWord } from "./plan.ts";
import { readStages, stageText } from "./stage-times.ts";

const LIMITS = { deviceToHotMs: 100, apiMs: 200, cores: 1 };
const WARM_UP_S = 20;

export const about = "1,000 points at 100,000 readings an hour, ten times that for ten seconds of every minute, three values a reading, nine of ten by MQTT with QoS 1 and one by HTTP, "
  + "while people ask ten API calls a second and one follows the live stream";

interface Measured {
  readonly load: LoadResult;
  readonly services: CpuUse;
  readonly servers: ReadonlyMap<string, CpuUse>;
  /** Cores that other programs of the machine took. */
  readonly others: number;
  /** What the services say of their own steps. */
  readonly stages: string;
}

/** Plays the promised load on an installation and gives each promised figure beside its limit. */
export async function measurePromise(context: BenchContext, installation: Installation, servers: ReadonlyMap<string, readonly number[]>): Promise<void> {
  const { seconds } = context;
  const plan: LoadPlan = {
    addresses: installation.addresses, devices: 1000, readingsPerHour: 100_000, burstTimes: 10, warmUpS: Math.min(WARM_UP_S, seconds), seconds,
    httpShare: 0.1, apiCallsPerS: 10, probeEvery: 20, seed: 1,
  };
  tellFigures(context, installation, await play(context, plan, { services: [...installation.pids.values()], servers }));
}

/** The engines of the run for an installation that is measured, under a name that nobody else has. */
export function promiseEnvironment(context: BenchContext): NodeJS.ProcessEnv {
  const urls = Object.fromEntries(installationEngines.map((name) => [name, context.engine(name).url])) as InstallationUrls;
  return engineEnvironment(urls, `promise_${process.pid}_${Date.now()}`);
}

/** Looks at everything that is watched, from when the measured time begins until it ends. */
function watch({ services, servers, ours, urls }: { readonly services: readonly number[]; readonly servers: ReadonlyMap<string, readonly number[]>; readonly ours: readonly number[]; readonly urls: readonly string[] }): () => Promise<Omit<Measured, "load">> {
  const stagesBefore = readStages(urls);
  const ofServices = new CpuWatch(services);
  const ofServers = [...servers].map(([name, pids]) => [name, new CpuWatch(pids)] as const);
  const ofOthers = watchOthers([...services, ...[...servers.values()].flat(), ...ours]);
  return async () => ({
    services: ofServices.end(), servers: new Map(ofServers.map(([name, one]) => [name, one.end()])), others: ofOthers(),
    stages: stageText(await stagesBefore, await readStages(urls)),
  });
}

function play(context: BenchContext, plan: LoadPlan, pids: { readonly services: readonly number[]; readonly servers: ReadonlyMap<string, readonly number[]> }): Promise<Measured> {
  const child = fork(join(import.meta.dirname, "load.ts"), { serialization: "advanced" });
  context.closing(() => void child.kill());
  let end: (() => Promise<Omit<Measured, "load">>) | undefined;
  let watched: Promise<Omit<Measured, "load">> | undefined;
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the load generator ended with ${code}`)));
    child.on("message", (word: LoadWord) => {
      if (word.kind === "say") context.print(word.text);
      if (word.kind === "begins") end = watch({ ...pids, ours: [child.pid ?? 0, process.pid], urls: httpAddresses(plan.addresses) });
      if (word.kind === "ends") watched = end?.();
      if (word.kind === "result") watched?.then((rest) => resolve({ load: word.result, ...rest }), reject);
    });
    child.send(plan);
  });
}

function tellFigures(context: BenchContext, installation: Installation, { load, services, servers, others, stages }: Measured): void {
  const ms = (name: string, value: number, atMost?: number): void => context.figure({ name, value, unit: "ms", ...(atMost === undefined ? {} : { atMost }) });
  ms("device to hot, p99", load.deviceToHot.p99, LIMITS.deviceToHotMs);
  ms("device to hot, p50", load.deviceToHot.p50);
  ms("device to hot, in bursts alone, p99", load.deviceToHotInBursts.p99);
  ms("device to hot, highest", load.deviceToHot.highest);
  for (const [name, timing] of Object.entries(load.api)) ms(`API: ${name}, p99`, timing.p99, LIMITS.apiMs);
  ms("API: highest of all calls", Math.max(...Object.values(load.api).map(({ highest }) => highest)));
  context.figure({ name: "all services together", value: services.cores, unit: "cores", atMost: LIMITS.cores });
  context.figure({ name: "all services, busiest 10 s", value: services.coresInBusiestStretch, unit: "cores" });
  context.figure({ name: "all services, resident memory at most", value: services.residentMiB, unit: "MiB" });
  for (const [name, use] of servers) {
    context.figure({ name: `${name} beside them`, value: use.cores, unit: "cores" });
    context.figure({ name: `${name}, resident memory at most`, value: use.residentMiB, unit: "MiB" });
  }
  context.figure({ name: "other programs of the machine", value: others, unit: "cores" });
  ms("publish to PUBACK, p99", load.acknowledgement.p99);
  ms("device to a follower of the live stream, p99", load.deviceToLive.p99);
  context.figure({ name: "readings acknowledged", value: load.acknowledged, unit: "readings", atLeast: load.sent });
  context.figure({ name: "acknowledged and not in the history afterwards", value: load.missing, unit: "readings", atMost: 1 });
  context.figure({ name: "failed calls", value: load.failures.length, unit: "calls", atMost: 1 });
  context.note(`Device to hot is measured from outside, on every twentieth reading (${load.deviceToHot.count} of them, ${load.deviceToHotInBursts.count} in bursts): from the publish call until the latest API, asked again 4 ms after each answer, `
    + "shows all values of that reading. So it holds the asking too, and is more than the fact took.");
  context.note(`API times are to the last byte, of ${Object.values(load.api).reduce((sum, { count }) => sum + count, 0)} calls that were made at their time whatever became of the ones before. `
    + "The points asked for hold a month of quarter hours and a day of readings every 36 s.");
  context.note(`The first ${Math.min(WARM_UP_S, context.seconds)} s are played and not counted. Processes: ${[...installation.pids.keys()].join(", ")}. The load generator ran beside them on the same cores and is not counted.`);
  context.note(`Means that the services tell of themselves: ${stages}.`);
  for (const failure of new Set(load.failures)) context.note(`Failed: ${failure}`);
}
