import type { BenchContext } from "../harness/benchmark.ts";
import { cpuOfUs } from "../harness/process-cpu.ts";
import { quantile } from "../harness/statistics.ts";
import { Device } from "../promise/device.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { settled } from "../promise/past.ts";
import type { Installation } from "../promise/installation.ts";

const POINTS = 1000;
const ROUNDS = 5;
const ROWS_A_CALL = 500;
const VARIABLES = 3;
const WARM_UP_CALLS = 20;
const AT_ONCE = 4;

/** Sends some readings of 1,000 points, checks that the latest of all of them is what was sent last, and times that question asked by one, then by four at once. */
export async function measureLatest(context: BenchContext, { addresses, pids }: Installation, atMostMs: number | undefined): Promise<void> {
  const http = new HttpCaller();
  context.closing(() => http.close());
  const newest = await sendSome(addresses.collector, http);
  await settled(addresses, http);
  const url = new URL(`/api/v1/analytics/latest?limit=${POINTS}`, addresses.analytics).href;
  const ask = async (): Promise<{ readonly body: string; readonly tookMs: number }> => {
    const { status, body, tookMs } = await http.call(url);
    if (status !== 200) throw new Error(`latest: ${status} ${body.slice(0, 300)}`);
    return { body, tookMs };
  };
  for (let call = 0; call < WARM_UP_CALLS; call++) check((await ask()).body, newest);
  for (const atOnce of [1, AT_ONCE]) {
    const tookMs: number[] = [];
    const endMs = performance.now() + (context.seconds * 1000) / 2;
    const cpuBefore = cpuOfUs([...pids.values()]);
    let last = "";
    await Promise.all(Array.from({ length: atOnce }, async () => {
      while (performance.now() < endMs) {
        const answer = await ask();
        tookMs.push(answer.tookMs);
        last = answer.body;
      }
    }));
    const cpuUs = cpuOfUs([...pids.values()]) - cpuBefore;
    check(last, newest);
    const name = `latest of 1,000 points, ${atOnce === 1 ? "one call after the other" : `${atOnce} at once`}`;
    context.figure({ name: `${name}, p50`, value: quantile(tookMs, 0.5), unit: "ms" });
    context.figure({ name: `${name}, p99`, value: quantile(tookMs, 0.99), unit: "ms", ...(atOnce === 1 && atMostMs !== undefined ? { atMost: atMostMs } : {}) });
    context.figure({ name: `${name}: CPU of the installation a call`, value: cpuUs / 1000 / tookMs.length, unit: "ms" });
    context.figure({ name: `${name}: calls`, value: tookMs.length, unit: "calls" });
  }
}

/** Gives the newest time of each point. */
async function sendSome(collector: string, http: HttpCaller): Promise<Map<string, number>> {
  const devices = Array.from({ length: POINTS }, (_, index) => new Device(index));
  const newest = new Map<string, number>();
  const url = new URL("/api/v1/readings", collector).href;
  for (let round = 0; round < ROUNDS; round++) {
    for (let first = 0; first < POINTS; first += ROWS_A_CALL) {
      const readings = devices.slice(first, first + ROWS_A_CALL).map((device) => ({ device, ...device.next() }));
      const { status, body } = await http.call(url, { type: "application/x-ndjson", text: readings.map(({ text }) => text).join("\n") });
      if (status !== 202) throw new Error(`readings were not taken: ${status} ${body.slice(0, 300)}`);
      for (const { device, timeMs } of readings) newest.set(device.point, timeMs);
    }
  }
  return newest;
}

function check(body: string, newest: ReadonlyMap<string, number>): void {
  const { items } = JSON.parse(body) as { readonly items: readonly { readonly point: string; readonly newest: string | null; readonly values: readonly unknown[] }[] };
  const wrong = items.filter(({ point, newest: time, values }) => values.length !== VARIABLES || Date.parse(time ?? "") !== newest.get(point));
  if (items.length !== POINTS || wrong.length > 0) throw new Error(`the latest of ${items.length} points, ${wrong.length} others than were sent last: ${JSON.stringify(wrong[0] ?? {}).slice(0, 300)}`);
}
