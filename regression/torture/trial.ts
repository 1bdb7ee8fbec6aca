import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { runSimulation, type Simulation } from "@caudal/simulator";
import type { AuditVerdict } from "../integrity/auditor/verdict.ts";
import type { Scenario, Theatre } from "./scenario.ts";
import type { ScenarioResult } from "./report.ts";
import { lagsOf, marksOf, Watch } from "./watch.ts";

/** How hard and how long a scenario is tried. */
export interface TrialOptions {
  readonly folder: string;
  readonly seed: string;
  readonly ratePerS: number;
  /** Share of each scenario's own length: 1 in the whole run. */
  readonly scale: number;
  readonly withPorts: Theatre["withPorts"];
  /** Judges the simulation's truth against every store. */
  readonly audit: (truthDirectory: string) => Promise<AuditVerdict>;
}

const DEVICES = 20;
const INTERVAL_S = 60;
const PAST_US = 2 * 24 * 3600 * 1e6;
const BEFORE_MS = 3000;
const FLOWS_WITHIN_MS = 60_000;
const AFTER_MS = 2000;
const RECOVERED_WITHIN_MS = 120_000;
const SETTLED_WITHIN_MS = 60_000;
/** Seconds of the load that a group which is not hurt may be behind; other work shares the machine. */
const UNHURT_BEHIND_S = 15;
const MOST_MB = 1500;
const LOOK_EVERY_MS = 100;

/** Loads the fleet, makes the trouble, mends it, waits until all is drained, and has every store audited. */
export async function tryScenario(theatre: Omit<Theatre, "note" | "withPorts">, scenario: Scenario, options: TrialOptions): Promise<ScenarioResult> {
  const { fleet, stages } = theatre;
  const { seed, ratePerS, scale, withPorts } = options;
  const truthDir = join(options.folder, scenario.name);
  mkdirSync(truthDir, { recursive: true });
  const notes: string[] = [];
  const findings: string[] = [];
  const client = `t-${scenario.name}`;
  const [broker] = stages.mosquitto.proxies;
  let collector = fleet.url("collector") ?? "";
  const simulation = runSimulation({
    fleet: { seed: `${seed}/${scenario.name}`, devices: DEVICES, intervalS: INTERVAL_S, startUs: Math.floor(Date.now() / 1000) * 1e6 - PAST_US, client },
    destinations: [
      { over: "mqtt", url: `mqtt://${broker?.host}:${broker?.port}` },
      { over: "http", url: () => (collector = fleet.url("collector") ?? collector) },
    ],
    truthDir, ratePerS, drainMs: SETTLED_WITHIN_MS,
  });
  const failed = simulation.done.catch((error: unknown) => void findings.push(`the load failed: ${String(error)}`));
  const beganMs = performance.now();
  if (!(await flows(theatre, ratePerS, simulation))) findings.push(`the load did not flow within ${FLOWS_WITHIN_MS / 1000} s, before any trouble`);
  const watch = new Watch(fleet);
  await wait(BEFORE_MS);
  await scenario.run({ ...theatre, withPorts, note: (text) => notes.push(text) }, scenario.lastsMs * scale).catch((error: unknown) => void findings.push(`the trouble could not be made: ${String(error)}`));
  const mendedMs = performance.now();
  await wait(AFTER_MS);
  simulation.stop();
  await failed;
  const recoveredMs = await drained(theatre, mendedMs);
  const observed = await watch.end();
  const { sent, acknowledged, refused, sentAgain, unknown } = simulation.counters();
  if (recoveredMs === undefined) findings.push(`not drained within ${RECOVERED_WITHIN_MS / 1000} s: ${JSON.stringify(await lagsOf(fleet))}`);
  if (refused > 0) notes.push(`refused as malformed: ${refused}`);
  if (unknown > 0) notes.push(`never answered: ${unknown}`);
  if (acknowledged === 0) findings.push("nothing was acknowledged");
  const unhurt = Object.entries(observed.mostBehind).filter(([group, lag]) => scenario.mayDelay !== "all" && !(scenario.mayDelay as readonly string[]).includes(group) && lag > UNHURT_BEHIND_S * ratePerS);
  for (const [group, lag] of unhurt) findings.push(`${group} was delayed: ${lag} behind`);
  for (const [name, megabytes] of Object.entries(observed.mostMb)) if (megabytes > MOST_MB) findings.push(`${name} grew to ${megabytes} MB`);
  if (recoveredMs !== undefined && !(await rolledUp(theatre))) findings.push(`rollups were not computed within ${RECOVERED_WITHIN_MS / 1000} s: ${await marksOf(fleet)} marks left`);
  const verdict = recoveredMs === undefined ? undefined : await options.audit(truthDir).catch((error: unknown) => void findings.push(`the audit failed: ${String(error)}`));
  if (verdict !== undefined && !verdict.ok) findings.push(`the auditor found ${JSON.stringify(verdict.findings)}; first: ${JSON.stringify(verdict.examples[0])}`);
  return { name: scenario.name, what: scenario.what, findings, notes, observed, recoveredMs, lastedMs: performance.now() - beganMs, sent, acknowledged, sentAgain, verdict: verdict ?? undefined };
}

/** True once readings come through and no group is a second behind: new devices have been adopted by then. */
async function flows({ fleet }: Pick<Theatre, "fleet">, ratePerS: number, simulation: Simulation): Promise<boolean> {
  const untilMs = performance.now() + FLOWS_WITHIN_MS;
  while (performance.now() < untilMs) {
    const lags = await lagsOf(fleet);
    if (lags !== undefined && simulation.counters().acknowledged > ratePerS && Object.values(lags).every((lag) => lag <= ratePerS)) return true;
    await wait(LOOK_EVERY_MS);
  }
  return false;
}

/** True once every marked bucket is computed: all that is sent lies in the past, so none stays open. */
async function rolledUp({ fleet }: Pick<Theatre, "fleet">): Promise<boolean> {
  for (const untilMs = performance.now() + RECOVERED_WITHIN_MS; performance.now() < untilMs; await wait(LOOK_EVERY_MS)) if ((await marksOf(fleet)) === 0) return true;
  return false;
}

/** Milliseconds since the mend until no group is behind; undefined when that does not come. */
async function drained({ fleet }: Pick<Theatre, "fleet">, mendedMs: number): Promise<number | undefined> {
  const untilMs = performance.now() + RECOVERED_WITHIN_MS;
  while (performance.now() < untilMs) {
    const lags = await lagsOf(fleet);
    if (lags !== undefined && Object.keys(lags).length > 0 && Object.values(lags).every((lag) => lag === 0)) return performance.now() - mendedMs;
    await wait(LOOK_EVERY_MS);
  }
  return undefined;
}
