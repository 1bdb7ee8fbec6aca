import { groups, topics } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import type { Finding } from "../../integrity/auditor/verdict.ts";
import { within } from "../time/take-over.ts";
import { mustBeAlone, Stalled, type VirtualTime } from "../time/virtual-time.ts";
import { openPorts } from "../world/ports.ts";
import { World } from "../world/world.ts";
import { Devices } from "./devices.ts";
import { Processes, type Sabotage } from "./fleet.ts";
import { Feeding, type Source } from "./feeding.ts";
import { judge, type Judgement } from "./judge.ts";
import { planOf, type RunPlan } from "./plan.ts";

export interface RunOptions {
  readonly seed: string;
  readonly codec: Codec;
  readonly keepTrace?: boolean;
  readonly sabotage?: Sabotage;
  /** Changes the seed's plan, to make a failure smaller. */
  readonly change?: (plan: RunPlan) => RunPlan;
}

export interface RunResult {
  readonly seed: string;
  /** Why it failed; empty when it did not. */
  readonly failures: readonly string[];
  readonly findings: readonly Finding[];
  readonly readings: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly messages: number;
  readonly kills: number;
  readonly turns: number;
  readonly virtualMs: number;
  /** The same for the same seed, always. */
  readonly traceHash: string;
  readonly trace: readonly string[];
  readonly reached: ReadonlyMap<string, number>;
}

/** 2026-03-10T11:58:20Z: the fleet's rows lie before it, over a turn of the hour. */
const START_US = Date.UTC(2026, 2, 10, 11, 58, 20) * 1000;
const MAX_TURNS = 400_000;
const LOOK_EVERY_MS = 250;
/** Longest drain after everything healed: a handler that gave up waits 15 s, a rollup waits for its point's silence. */
const DRAIN_WITHIN_MS = 240_000;

const readersOf: readonly (readonly [topic: string, group: string])[] = [
  [topics.readings, groups.mapping], [topics.readings, groups.archiveReadings], [topics.points, groups.judging], [topics.points, groups.archivePoints],
  [topics.measurements, groups.hot], [topics.measurements, groups.warm], [topics.measurements, groups.cold], [topics.measurements, groups.rollups],
  [topics.devices, groups.devices], [topics.parked, groups.parked],
];

/** One run of a seed: a fleet sends, things go wrong, everything heals and drains, and the auditor judges. */
export async function runOne({ seed, codec, keepTrace = false, sabotage, change = (plan) => plan }: RunOptions): Promise<RunResult> {
  const plan = change(planOf(seed));
  const world = new World({ seed, tempers: plan.tempers, canCrash: true, tears: plan.tears, keepTrace });
  const failures: string[] = [];
  const onRejection = (error: unknown): void => void failures.push(`unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.on("unhandledRejection", onRejection);
  const processes = new Processes({ world, plan, codec, sabotage });
  let judgement: Judgement = { readings: 0, outcomes: {}, findings: [], broken: [] };
  let devices: Devices | undefined;
  let turns = 0;
  let virtualMs = 0;
  try {
    await within({ seed, startUs: START_US, maxTurns: MAX_TURNS }, async (time) => {
      try {
        devices = new Devices(world, processes, plan, START_US - 60_000_000);
        judgement = await play({ world, plan, codec, processes, devices, time });
      } finally {
        turns = time.turns;
        virtualMs = time.nowMs;
        processes.end();
      }
    });
  } catch (error) {
    if (!(error instanceof Stalled) && !(error instanceof NotDrained)) throw error;
    failures.push(`${error.name}: ${error.message}`);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  failures.push(...processes.failures, ...judgement.broken, ...judgement.findings.map(({ kind, where, device, detail, key, instantUs, expected, found }) => `${kind} in ${where}: ${device} ${key ?? ""} ${instantUs ?? ""} ${detail} ${JSON.stringify({ expected, found })}`));
  return {
    seed, failures, findings: judgement.findings, readings: judgement.readings, outcomes: judgement.outcomes, messages: devices?.sent.length ?? 0, kills: processes.kills,
    turns, virtualMs, traceHash: world.trace.digest(), trace: world.trace.lines, reached: processes.reached,
  };
}

class NotDrained extends Error {
  override readonly name = "NotDrained";
}

interface Scene {
  readonly world: World;
  readonly plan: RunPlan;
  readonly codec: Codec;
  readonly processes: Processes;
  readonly devices: Devices;
  readonly feeding: Feeding;
  readonly time: VirtualTime;
}

/** The first key of the first device. */
function sourceOf(devices: Devices): Source {
  const [first] = devices.fleet.devices();
  const [key] = first?.keys ?? [];
  if (first === undefined || key === undefined) throw new Error("a fleet without keys");
  return { device: first.device, key: key.key, variable: key.variable };
}

async function play({ world, plan, codec, processes, devices, time }: Omit<Scene, "feeding">): Promise<Judgement> {
  const feeding = new Feeding(world, plan, sourceOf(devices));
  for (const event of plan.events) setTimeout(() => world.troubled && processes.happen(event), event.atMs);
  await Promise.race([processes.start(), pause(1000)]);
  devices.start();
  feeding.start();
  await pause(Math.max(1, plan.troubleMs - time.nowMs));
  world.heal();
  const onlooker = world.process("onlooker");
  const ports = openPorts(world, onlooker);
  await drained({ world, plan, codec, processes, devices, feeding, time });
  mustBeAlone();
  const judged = await judge({ world, ports, codec, devices, nowUs: Date.now() * 1000 });
  const judgement = { ...judged, broken: [...judged.broken, ...feeding.broken(Object.values(world.tiers))] };
  for (const state of Object.values(world.tiers)) {
    for (const key of state.keys()) for (const { instantUs, facts } of state.rows(key)) world.tell(`${state.name} ${key.point} ${instantUs} ${JSON.stringify([...facts])}`);
  }
  return judgement;
}

/** Waits until nobody has anything left to do. */
async function drained({ world, processes, devices, feeding, time }: Scene): Promise<void> {
  const untilMs = time.nowMs + DRAIN_WITHIN_MS;
  for (;;) {
    const why = whatIsLeft(world, processes, devices) || feeding.left();
    if (why === "") return;
    if (time.nowMs > untilMs) throw new NotDrained(why);
    if (devices.done && processes.allUp) {
      for (const { process, services } of processes.services()) {
        await Promise.race([process.run(() => services.archiver?.flush()), pause(1000)]);
      }
    }
    await pause(LOOK_EVERY_MS);
  }
}

function whatIsLeft(world: World, processes: Processes, devices: Devices): string {
  if (!devices.done) return "devices still send";
  if (!processes.allUp) return "a process is not up";
  for (const [name, group] of readersOf) {
    const topic = world.log.topic(name);
    for (const { partition, nextOffset } of topic.partitions) {
      const committed = topic.committed.get(group)?.get(partition) ?? 0;
      if (committed < nextOffset) return `${group} stands at ${committed} of ${nextOffset} on ${name}/${partition}`;
    }
  }
  for (const { services } of processes.services()) if ((services.processor?.status().recounting.points ?? 0) > 0) return "points wait to be recounted";
  for (const { services } of processes.services()) if ((services.analytics?.status().due ?? 0) > 0) return "rollups are due";
  return "";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
