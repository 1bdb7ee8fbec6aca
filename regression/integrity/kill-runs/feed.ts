import { runSimulation, troubleNames, type Destination, type Simulation } from "@caudal/simulator";
import { shuffled } from "./draw.ts";

export interface FeedOptions {
  readonly seed: string;
  readonly client: string;
  readonly truthDirectory: string;
  readonly http: string;
  readonly mqtt: string;
  readonly drop: string | undefined;
  readonly signal: AbortSignal;
}

const DEVICES = 12;
const MESSAGES = 420;
const PER_S = 300;
const INTERVAL_S = 900;
/** Troubles of a run beside what nobody can read: few, so that each comes in the short time. */
const TROUBLES = 2;
const ALWAYS = "malformed";
const HOUR_US = 3_600_000_000;
/** Within what every tier keeps. */
const PAST_HOURS = 30;
/** How long the feed waits for what is not settled once all is sent. */
const DRAIN_MS = 60_000;

/** A small fleet that sends its last day by every way, as fast as it takes to be killed meanwhile. Which troubles it has follows from the seed. */
export function startFeed({ seed, client, truthDirectory, http, mqtt, drop, signal }: FeedOptions): Simulation {
  const startUs = (Math.floor((Date.now() * 1000) / HOUR_US) - PAST_HOURS) * HOUR_US;
  const troubles = [ALWAYS, ...shuffled(troubleNames.filter((name) => name !== ALWAYS), seed, "troubles").slice(0, TROUBLES)];
  const destinations: Destination[] = [
    { over: "mqtt", url: mqtt, connections: 2 },
    { over: "http", url: http, requests: 2, rowsPerRequest: 20 },
    ...(drop === undefined ? [] : [{ over: "drop", folder: drop, rowsPerFile: 40 } as const]),
  ];
  return runSimulation({ fleet: { seed, client, devices: DEVICES, startUs, intervalS: INTERVAL_S, troubles }, destinations, truthDir: truthDirectory, messages: MESSAGES, ratePerS: PER_S, drainMs: DRAIN_MS, signal });
}
