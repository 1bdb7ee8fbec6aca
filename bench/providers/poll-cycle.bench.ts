import { Agent } from "undici";
import type { Account } from "../../collector/providers/account.ts";
import { defineBenchmark, type BenchContext, type Contender } from "../harness/benchmark.ts";
import { openCollecting } from "./collecting.ts";
import { fastClock } from "./fast-clock.ts";
import { openSandboxProcess } from "./sandbox-process.ts";

const POINTS = 1000;
const LATENCY_MS = 50;
const AT_ONCE = 16;
const PERIOD_S = 60;

/** A cycle as the collector makes it: asked, read, published, marked. */
async function ours(context: BenchContext, account: Account, beganMs: number): Promise<Contender & { readonly published: () => Promise<number> }> {
  const { polling, metrics } = await openCollecting(context, { accounts: [account], clock: fastClock(beganMs), scheduled: false });
  const poller = polling.polls()!.pollers[0]!;
  await poller.round();
  const { signal } = new AbortController();
  return {
    name: "ours", batch: async () => (await poller.collect(account.devices, signal)).length,
    published: async () => metrics.sum("caudal_readings_accepted_total"),
  };
}

/** The same requests, each answer read to its end, and nothing else. */
async function plainFetches(context: BenchContext, account: Account): Promise<Contender> {
  const { provider, settings, secrets, baseUrl, devices } = account;
  const agent = new Agent({ connections: 64, pipelining: 1 });
  context.closing(() => agent.close());
  const login = provider.login!;
  const send = async (request: ReturnType<typeof provider.request>): Promise<{ readonly status: number; readonly body: Uint8Array }> => {
    const url = new URL(`${baseUrl}${request.path}`);
    for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
    const { statusCode, body } = await agent.request({ origin: url.origin, path: `${url.pathname}${url.search}`, method: request.method, headers: { ...request.headers, ...(request.json === undefined ? {} : { "content-type": "application/json" }) }, body: request.json === undefined ? null : JSON.stringify(request.json) });
    return { status: statusCode, body: new Uint8Array(await body.arrayBuffer()) };
  };
  let token = "";
  const logIn = async (): Promise<void> => {
    const { status, body } = await send(login.request(settings, secrets));
    const got = login.token({ status, headers: {}, body }, Date.now() * 1000);
    if (!("token" in got)) throw new Error(got.detail);
    token = got.token;
  };
  return {
    name: "plain undici",
    // Tokens end soon on a fast clock.
    before: logIn,
    batch: async () => {
      const left = devices.values();
      const worker = async (): Promise<void> => {
        for (const device of left) {
          const request = provider.request({ settings, secrets, device, keys: device.keys, window: undefined, page: undefined, nowUs: 0 });
          const { status } = await send(login.apply(request, token));
          if (status === 401) await logIn();
          else if (status !== 200) throw new Error(`status ${status}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      return devices.length;
    },
  };
}

export const benchmark = defineBenchmark({
  name: "poll-cycle",
  about: `A poll cycle of ${POINTS} points against the provider sandbox in a process of its own, ${LATENCY_MS} ms before each answer and ${AT_ONCE} calls at once: asked, read, published to the embedded log and marked, against plain undici calls of the same requests.`,
  needs: [],
  seconds: 60,
  async run(context) {
    const beganMs = Date.now();
    const order = { seed: "bench", devices: { thingsboard: POINTS }, everyMs: [60_000], days: 1, latencyMs: LATENCY_MS, limits: { thingsboard: "" }, fastFromMs: beganMs, every: "10m", concurrency: AT_ONCE };
    const [found] = (await openSandboxProcess(context, order)).accounts;
    const account: Account = { ...found!, budget: [{ calls: 100_000, perMs: 1000 }], overlapEveryMs: 0, overlapMs: 0 };
    const polled = await ours(context, account, beganMs);
    const { contenders } = await context.compare({ name: "poll cycle", unit: "points", ours: polled, baseline: await plainFetches(context, account), leastRatio: 0.5, rounds: 5 });
    const cpuSeconds = ((contenders[0]?.cpuUs ?? Number.NaN) * POINTS) / 1e6;
    context.figure({ name: `wall time of a cycle of ${POINTS} points`, value: POINTS / (contenders[0]?.rate.median ?? Number.NaN), unit: "s", atMost: PERIOD_S });
    context.figure({ name: `CPU time of a cycle of ${POINTS} points`, value: cpuSeconds, unit: "s" });
    context.figure({ name: `cores while a cycle is due every ${PERIOD_S} s`, value: cpuSeconds / PERIOD_S, unit: "cores", atMost: 1 });
    context.note("A point's cycle is two durable writes (its page in the log, its watermark in the documents); the plain calls throw their answers away.");
    context.figure({ name: "readings published in all", value: await polled.published(), unit: "readings", atLeast: POINTS });
  },
});
