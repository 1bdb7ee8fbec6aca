import { pointIdOf } from "@caudal/core";
import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";
import { play } from "../full-path/play.ts";
import type { PublisherPlan } from "../full-path/publisher.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";
import { settled } from "../promise/past.ts";
import type { Timings } from "../promise/timings.ts";
import { askAll, usualCalls, type UsualCall } from "./usual-calls.ts";

const DEVICES = 1000;
const RICH_DEVICES = 20;
const PREFIX = "well-";
const WARM_UP_S = 5;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROWS_A_CALL = 500;

export const benchmark = defineBenchmark({
  name: "api-flood",
  about:
    "What people ask most, over HTTP, one call after the other, while readings of 1,000 points come by MQTT with QoS 1 as fast as they are acknowledged, beside the same calls at rest: `caudal up` with nothing but itself, the publisher and the caller on the same cores. " +
    `${RICH_DEVICES} points have a month of quarter hours and a day of readings every 36 s before; these are what their histories are asked for. Told, not judged.`,
  needs: [],
  seconds: 60,
  onlyByName: true,
  async run(context) {
    const installation = await startOneProcess();
    context.closing(() => installation.stop());
    const http = new HttpCaller();
    context.closing(() => http.close());
    const { addresses } = installation;
    const untilMs = Date.now() - HOUR_MS;
    await sendPast(untilMs, { url: new URL("/api/v1/readings", addresses.collector).href, http });
    const plan: PublisherPlan = { url: addresses.mqtt, devices: DEVICES, connections: 8, window: 2000, prefix: PREFIX, seconds: WARM_UP_S };
    const through = (): Promise<void> => settled(addresses, http);
    const pids = [...installation.pids.values()];
    // Every device is heard, and the code is compiled, before what is timed.
    await play(plan, { pids, through, print: context.print });
    const points = Array.from({ length: RICH_DEVICES }, (_, index) => pointIdOf("default", idOf(index)));
    const calls = usualCalls(addresses, points, untilMs);
    const seconds = context.seconds / 2;
    await askAll(calls, { http, until: within(Math.min(WARM_UP_S, seconds)) });
    context.print(`  at rest for ${seconds} s`);
    const rest = await askAll(calls, { http, until: within(seconds) });
    context.print(`  flooded for ${seconds} s`);
    const flood = new AbortController();
    const played = play({ ...plan, seconds }, { pids, print: context.print, through: () => Promise.resolve(flood.abort()) });
    const [flooded, { sent, acknowledged, intakeS, use }] = await Promise.all([askAll(calls, { http, until: flood.signal }), played]);
    tell(context, { calls, rest, flooded });
    context.figure({ name: "flood: acknowledged durably", value: acknowledged / intakeS, unit: "readings/s" });
    context.figure({ name: "flood: cores of the installation", value: use.cores, unit: "cores" });
    context.figure({ name: "flood: sent and not acknowledged", value: sent - acknowledged, unit: "readings", atMost: 1 });
    await through();
  },
});

function tell(context: BenchContext, { calls, rest, flooded }: { readonly calls: readonly UsualCall[]; readonly rest: ReadonlyMap<string, Timings>; readonly flooded: ReadonlyMap<string, Timings> }): void {
  const cells = (timings: Timings | undefined): string[] => {
    const { count = 0, p50 = Number.NaN, p99 = Number.NaN } = timings?.timing() ?? {};
    return [String(count), p50.toFixed(1), p99.toFixed(1)];
  };
  context.table({
    name: "API calls at rest and under a flood", head: ["call", "at rest", "p50 ms", "p99 ms", "under the flood", "p50 ms", "p99 ms"],
    rows: calls.map(({ name }) => [name, ...cells(rest.get(name)), ...cells(flooded.get(name))]),
  });
  const worst = (of: ReadonlyMap<string, Timings>): number => Math.max(...[...of.values()].map((timings) => timings.timing().p99));
  context.figure({ name: "slowest call's p99 at rest", value: worst(rest), unit: "ms" });
  context.figure({ name: "slowest call's p99 under the flood", value: worst(flooded), unit: "ms" });
}

/** Of the first devices. */
async function sendPast(untilMs: number, { url, http }: { readonly url: string; readonly http: HttpCaller }): Promise<void> {
  for (let device = 0; device < RICH_DEVICES; device++) {
    const lines = Array.from(pastTimes(untilMs), (timeMs, row) => `{"id":"${idOf(device)}","ts":${timeMs},"total_m3":${100 + row / 10},"flow_lps":${12 + (row % 50) / 10},"level_m":${40 + (row % 7) / 100}}`);
    for (let first = 0; first < lines.length; first += ROWS_A_CALL) {
      const { status, body } = await http.call(url, { type: "application/x-ndjson", text: lines.slice(first, first + ROWS_A_CALL).join("\n") });
      if (status !== 202) throw new Error(`the past was not taken: ${status} ${body.slice(0, 300)}`);
    }
  }
}

function* pastTimes(untilMs: number): Generator<number> {
  for (let timeMs = untilMs - 30 * DAY_MS; timeMs < untilMs - DAY_MS; timeMs += HOUR_MS / 4) yield timeMs;
  for (let timeMs = untilMs - DAY_MS; timeMs < untilMs; timeMs += HOUR_MS / 100) yield timeMs;
}

/** As the publisher names them. */
function idOf(device: number): string {
  return `${PREFIX}${String(device).padStart(6, "0")}`;
}

function within(seconds: number): AbortSignal {
  return AbortSignal.timeout(seconds * 1000);
}
