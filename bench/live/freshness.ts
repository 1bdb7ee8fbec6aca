import { until } from "../../caudal/test-parts/until.ts";
import { drained } from "../full-path/drained.ts";
import { untilSubscribed } from "../full-path/engine-installation.ts";
import { play, type PlayOptions } from "../full-path/play.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { HttpCaller } from "../promise/http-call.ts";
import type { Installation } from "../promise/installation.ts";
import { startFollower } from "./follower-child.ts";

const DEVICES = 1000;
const WARM_UP_S = 10;
const LAST_EVENTS_MS = 30_000;
const LOOK_EVERY_MS = 100;
const MOST_P50_MS = 20;
/** Below, it was not the load that was to be. */
const LEAST_OF_RATE = 0.95;

export interface FreshnessPlace {
  readonly installation: Installation;
  readonly mostP99Ms: number;
  /** Messages that may wait in a broker that acknowledges what it only queues; absent where there is none. */
  readonly ahead?: number;
  /** Readings in the log since it began, where there is such a broker. */
  arrived?(): Promise<number>;
}

/** Finds the load that is sustained, then publishes at half of it while one follows the live stream. */
export async function measureFreshness(context: BenchContext, { installation, mostP99Ms, ahead, arrived }: FreshnessPlace): Promise<void> {
  const { addresses: { mqtt, analytics }, pids } = installation;
  const http = new HttpCaller();
  context.closing(() => http.close());
  if (arrived !== undefined) await untilSubscribed(installation, http);
  const options: PlayOptions = { pids: [...pids.values()], print: context.print, through: () => drained(installation, http), ...(arrived === undefined ? {} : { arrived }) };
  const plan = { url: mqtt, devices: DEVICES, connections: 8, window: 2000, prefix: "well-", ...(ahead === undefined ? {} : { ahead }) };
  await play({ ...plan, seconds: WARM_UP_S }, options);
  const full = await play({ ...plan, seconds: context.seconds / 3 }, options);
  const sustainedPerS = full.acknowledged / full.throughS;
  const perS = Math.floor(sustainedPerS / 2);
  context.print(`  sustained ${Math.round(sustainedPerS)} readings/s; now ${perS}`);
  const follower = await startFollower(analytics);
  context.closing(() => follower.end());
  await play({ ...plan, perS, seconds: Math.min(WARM_UP_S, context.seconds / 3) }, options);
  await follower.count();
  const { sent, acknowledged, intakeS, use, ackMs } = await play({ ...plan, perS, seconds: (context.seconds * 2) / 3 }, options);
  const seen = await until("the follower has seen all", async () => {
    const found = await follower.seen();
    if (found.events >= acknowledged) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    return undefined;
  }, LAST_EVENTS_MS).catch(() => follower.seen());
  const figure = (name: string, value: number, unit: string, limit: { atLeast?: number; atMost?: number } = {}): void => context.figure({ name, value, unit, ...limit });
  figure("publish to live event, p50", seen.p50Ms, "ms", { atMost: MOST_P50_MS });
  figure("publish to live event, p99", seen.p99Ms, "ms", { atMost: mostP99Ms });
  figure("publish to live event, highest", seen.highestMs, "ms");
  figure("publish to PUBACK, p99", ackMs.p99, "ms");
  figure("published", acknowledged / intakeS, "readings/s", { atLeast: LEAST_OF_RATE * perS });
  figure("sustained before, publish to all three tiers", sustainedPerS, "readings/s");
  figure("cores", use.cores, "cores");
  figure("CPU an event, follower", seen.cpuUs / seen.events, "µs");
  figure("sent and not acknowledged", sent - acknowledged, "readings", { atMost: 1 });
  figure("acknowledged and not seen in the live stream", Math.max(0, acknowledged - seen.events), "readings", { atMost: 1 });
  context.note(`${seen.events.toLocaleString("en")} events. The time is from the reading's own time, taken when its packet is written, until the event was read out of the stream; both in whole milliseconds of one clock. `
    + "The follower asks for the stream of all points, as the page does, in a process of its own on the same cores as the publisher; a browser then waits for its next frame on top, which is not counted.");
}
