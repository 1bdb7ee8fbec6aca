import { systemClock } from "@caudal/runtime";
import type { ProviderId } from "../../sandbox/index.ts";
import type { AccountPoller } from "../../collector/polling/account-poller.ts";
import { defineBenchmark } from "../harness/benchmark.ts";
import { openCollecting } from "./collecting.ts";
import { openSandboxProcess } from "./sandbox-process.ts";

/**
 * Points of each provider: as many as its budget lets be asked twice a minute, since one that missed a row asks for the newest and for what lies
 * before it. thethings.io, Ubidots and WiseConn are asked key by key.
 */
const DEVICES: Readonly<Record<ProviderId, number>> = { "tdata": 210, "thingsboard": 250, "thethings-io": 85, "tagoio": 95, "things-stack": 200, "hidronet": 100, "wiseconn": 35, "ubidots": 25 };
const POINTS = Object.values(DEVICES).reduce((sum, count) => sum + count, 0);
const LATENCY_MS = 50;
const PERIOD_S = 60;
/** History of new devices is read in it, and what is asked for the first time. */
const WARM_UP_S = 90;
/** A slot moves by a twentieth of its period at most, and an answer takes a moment. */
const LONGEST_WAIT_S = PERIOD_S * 1.1;

const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** CPU seconds of this process, all its threads. */
function cpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Every point once, all accounts at once. Seconds. */
async function wholeCycle(pollers: readonly AccountPoller[]): Promise<{ readonly tookS: number; readonly polled: number; readonly good: number }> {
  const beganMs = performance.now();
  const polled = (await Promise.all(pollers.map((poller) => poller.collect(poller.tools().account.devices, new AbortController().signal)))).flat();
  const good = polled.filter(({ outcomes }) => outcomes.every(({ kind }) => kind === "ok" || kind === "stale"));
  return { tookS: (performance.now() - beganMs) / 1000, polled: polled.length, good: good.length };
}

export const benchmark = defineBenchmark({
  name: "poll-period",
  about: `${POINTS} points of eight providers, each asked every ${PERIOD_S} s as its schedule says, against the provider sandbox in a process of its own: ${LATENCY_MS} ms before each answer, every provider's own limit kept by the sandbox and its budget (four fifths of that) by the collector, which publishes to the embedded log and marks. Then one cycle of all points at once.`,
  needs: [],
  seconds: 180,
  onlyByName: true,
  async run(context) {
    const sandbox = await openSandboxProcess(context, { seed: "period", devices: DEVICES, everyMs: [PERIOD_S * 1000], days: 0.05, latencyMs: LATENCY_MS, every: `${PERIOD_S}s`, concurrency: 8 });
    const { polling, metrics } = await openCollecting(context, { accounts: sandbox.accounts, clock: systemClock, scheduled: true });
    context.print(`warming up for ${WARM_UP_S} s`);
    await wait(WARM_UP_S);
    const fromMs = Date.now();
    const [cpuBeforeS, pollsBefore, readingsBefore] = [cpuS(), await metrics.sum("caudal_polls_total"), await metrics.sum("caudal_readings_accepted_total")];
    context.print(`measuring for ${context.seconds} s`);
    await wait(context.seconds);
    const tookS = (Date.now() - fromMs) / 1000;
    const cores = (cpuS() - cpuBeforeS) / tookS;
    const [polls, readings] = [(await metrics.sum("caudal_polls_total")) - pollsBefore, (await metrics.sum("caudal_readings_accepted_total")) - readingsBefore];
    const onSchedule = await sandbox.seen(fromMs);
    const pollers = polling.polls()!.pollers;
    for (const poller of pollers) poller.quiesce();
    await Promise.all(pollers.map((poller) => poller.settled()));
    // What was used of a minute's limits is a minute old then.
    await wait(PERIOD_S);
    const cycle = await wholeCycle(pollers);
    const { exceeded, fullest } = await sandbox.seen(fromMs);
    context.figure({ name: `points that were asked in ${Math.round(tookS)} s of the schedule`, value: onSchedule.devices, unit: "points", atLeast: POINTS });
    context.figure({ name: "longest time between two good answers for one of them", value: Math.max(...Object.values(onSchedule.silenceMs)) / 1000, unit: "s", atMost: LONGEST_WAIT_S });
    context.figure({ name: "cores of the collector on schedule", value: cores, unit: "cores", atMost: 1 });
    context.figure({ name: "calls a minute", value: (onSchedule.requests / tookS) * 60, unit: "calls" });
    context.figure({ name: "calls that failed", value: onSchedule.failed, unit: "calls" });
    context.figure({ name: "polls a minute", value: (polls / tookS) * 60, unit: "polls" });
    context.figure({ name: "readings published a minute", value: (readings / tookS) * 60, unit: "readings", atLeast: POINTS * 0.9 });
    context.figure({ name: "wall time of a cycle of all points at once", value: cycle.tookS, unit: "s", atMost: PERIOD_S });
    context.figure({ name: "points of it with a good answer", value: cycle.good, unit: "points", atLeast: POINTS });
    context.figure({ name: "requests over a provider's limit, by the sandbox's log", value: exceeded, unit: "requests", atMost: 1 });
    context.note(`The fullest that each provider's tightest window was: ${Object.entries(fullest).map(([provider, text]) => `${provider} ${text}`).join(", ")}.`);
    context.note(`The longest time between two good answers, by provider: ${Object.entries(onSchedule.silenceMs).map(([provider, ms]) => `${provider} ${(ms / 1000).toFixed(1)} s`).join(", ")}.`);
    context.note("CPU is this process's, all threads: calls, reading of answers, log and documents. The sandbox's is not in it.");
  },
});
