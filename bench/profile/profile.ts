import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { drained } from "../full-path/drained.ts";
import { play, type Played } from "../full-path/play.ts";
import { machineLine } from "../harness/machine.ts";
import { cpuByThreadUs, usedBetween } from "../harness/thread-cpu.ts";
import { HttpCaller } from "../promise/http-call.ts";
import type { Installation } from "../promise/installation.ts";
import { sharesByFolder, type CpuProfile } from "./cpu-profile.ts";

/** Where the time of one reading of three values goes at full load, in microseconds of CPU. */
export interface FullPathProfile {
  readonly name: string;
  /** When it was measured, ISO 8601. */
  readonly at: string;
  /** Date, cores, processor, Node. */
  readonly machine: string;
  readonly points: number;
  readonly seconds: number;
  readonly readingsPerS: number;
  readonly residentMb: number;
  readonly cpuUs: number;
  /** By what a thread is for. */
  readonly threadsUs: Readonly<Record<string, number>>;
  /** Of the main thread, by the folder of our code that it is spent for. */
  readonly mainUs: Readonly<Record<string, number>>;
}

export interface ProfileOptions {
  readonly name: string;
  /** The checkout that is measured. */
  readonly root: string;
  readonly points: number;
  readonly seconds: number;
  readonly print: (line: string) => void;
}

const ADOPT_S = 300;
const WARM_UP_S = 5;
/** Of a profile's end: the readings have come, and what remains is put away. */
const TAIL_US = 5_000_000;

/** Plays readings into an installation of the checkout twice: once to count, once to see where the main thread's time goes, since looking costs time too. */
export async function profileFullPath(options: ProfileOptions): Promise<FullPathProfile> {
  const { name, root, points, seconds, print } = options;
  print("counting CPU time by thread");
  const counted = await playInto(options, {});
  print("profiling the main thread");
  const folder = await mkdtemp(join(tmpdir(), "caudal-profile-"));
  try {
    await playInto(options, { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` });
    const shares = await mainShares(folder, root, seconds);
    const { played, threadsUs } = counted;
    const perReading = (us: number): number => us / played.acknowledged;
    const mainUs = perReading(threadsUs.get("main") ?? 0);
    return {
      name, at: new Date().toISOString(), machine: machineLine(), points, seconds, readingsPerS: played.acknowledged / played.throughS, residentMb: played.use.residentMiB * 1.048576, cpuUs: perReading(played.cpuUs),
      threadsUs: Object.fromEntries([...threadsUs].map(([what, us]) => [what, perReading(us)])),
      mainUs: Object.fromEntries([...shares].map(([part, share]) => [part, share * mainUs])),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function playInto({ root, points, seconds }: ProfileOptions, env: NodeJS.ProcessEnv): Promise<{ readonly played: Played; readonly threadsUs: ReadonlyMap<string, number> }> {
  const { startOneProcess } = (await import(pathToFileURL(join(root, "bench", "promise", "installation.ts")).href)) as { startOneProcess: (env: NodeJS.ProcessEnv) => Promise<Installation> };
  const installation = await startOneProcess({ CAUDAL_UNKNOWN_DEVICES_PER_HOUR: "1000000", CAUDAL_UNKNOWN_DEVICES_PER_DAY: "1000000", ...env });
  const http = new HttpCaller();
  try {
    const pids = [...installation.pids.values()];
    const options = { pids, print: () => undefined, through: () => drained(installation, http) };
    const plan = { url: installation.addresses.mqtt, devices: points, connections: 8, window: 2000, prefix: "well-" };
    await play({ ...plan, count: points, seconds: ADOPT_S }, options);
    await play({ ...plan, seconds: WARM_UP_S }, options);
    const before = cpuByThreadUs(pids[0] ?? 0);
    const played = await play({ ...plan, seconds }, options);
    return { played, threadsUs: usedBetween(before, cpuByThreadUs(pids[0] ?? 0)) };
  } finally {
    http.close();
    await installation.stop();
  }
}

/** The main thread's profile is the one that lasted longest: all others began later. */
async function mainShares(folder: string, root: string, seconds: number): Promise<ReadonlyMap<string, number>> {
  let main: { readonly profile: CpuProfile; readonly lastsUs: number } | undefined;
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".cpuprofile"))) {
    const profile = JSON.parse(await readFile(join(folder, file), "utf8")) as CpuProfile;
    const lastsUs = profile.timeDeltas.reduce((sum, us) => sum + us, 0);
    if (main === undefined || profile.startTime < main.profile.startTime) main = { profile, lastsUs };
  }
  if (main === undefined) throw new Error("the process left no profile");
  const toUs = main.lastsUs - TAIL_US;
  return sharesByFolder(main.profile, root, { fromUs: toUs - (seconds * 1e6) / 2, toUs });
}
