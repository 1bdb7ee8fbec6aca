import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { until } from "../../caudal/test-parts/until.ts";
import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";
import { cpuOfUs } from "../harness/process-cpu.ts";
import { Device } from "../promise/device.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";

const ROWS = 500;
const AT_ONCE = 8;
const DEVICES = 1000;
const DRAIN_MS = 300_000;
const LEAST_PER_S = 40_000;

export const benchmark = defineBenchmark({
  name: "http-push",
  about:
    "JSON arrays of 500 readings of three values, eight requests at once, each answered 202 once all of it is durable, on `caudal up` with nothing but itself, against bare express that parses the same bodies and keeps nothing. " +
    "Both are processes of their own; everything behind the push goes on meanwhile.",
  needs: [],
  seconds: 60,
  onlyByName: true,
  async run(context) {
    const installation = await startOneProcess();
    context.closing(() => installation.stop());
    const { child, url } = await startBare(context);
    const http = new HttpCaller();
    context.closing(() => http.close());
    const pids = [...installation.pids.values()];
    const devices = Array.from({ length: DEVICES }, (_, index) => new Device(index));
    let turn = 0;
    const body = (): string => `[${Array.from({ length: ROWS }, () => devices[turn++ % DEVICES]!.next().text).join(",")}]`;
    const push = async (target: string): Promise<number> => {
      const { status, body: answer } = await http.call(target, { type: "application/json", text: body() });
      if (status !== 202) throw new Error(`${target}: ${status} ${answer.slice(0, 300)}`);
      return ROWS;
    };
    const ours = new URL("/api/v1/readings", installation.addresses.collector).href;
    const drained = (): Promise<void> => untilDrained(http, installation.addresses.status);
    let [readings, parsed, elapsedMs, drainMs] = [0, 0, 0, 0];
    const cpuBefore = cpuOfUs(pids);
    await context.compare({
      name: "readings answered", unit: "readings", rounds: 3,
      ours: {
        name: "ours, durable", inFlight: AT_ONCE,
        async batch() {
          const startedMs = performance.now();
          await push(ours);
          readings += ROWS;
          elapsedMs += (performance.now() - startedMs) / AT_ONCE;
          return ROWS;
        },
      },
      baseline: {
        name: "bare express", inFlight: AT_ONCE,
        // What the last slice left for the processor must not take the baseline's time.
        async before() {
          const startedMs = performance.now();
          await drained();
          drainMs += performance.now() - startedMs;
        },
        async batch() {
          await push(`${url}/api/v1/readings`);
          parsed += ROWS;
          return ROWS;
        },
      },
    });
    await drained();
    context.figure({ name: "answered 202, durable", value: (readings * 1000) / elapsedMs, unit: "readings/s", atLeast: LEAST_PER_S });
    context.figure({ name: "answered and through every stage, over the whole time", value: (readings * 1000) / (elapsedMs + drainMs), unit: "readings/s" });
    context.figure({ name: "CPU a reading, all stages", value: (cpuOfUs(pids) - cpuBefore) / readings, unit: "µs" });
    context.figure({ name: "CPU a reading, bare express", value: cpuOfUs([child.pid ?? 0]) / parsed, unit: "µs" });
    context.note("The rates are those that the client saw; it builds the bodies on the same cores. The processes' own CPU is told as figures, for the harness sees that of the client alone.");
  },
});

async function startBare(context: BenchContext): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(join(import.meta.dirname, "bare-express.ts"));
  context.closing(() => void child.kill());
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve(message as number));
    child.once("exit", (code) => reject(new Error(`bare express ended with ${code}`)));
  });
  return { child, url: `http://127.0.0.1:${port}` };
}

async function untilDrained(http: HttpCaller, status: string): Promise<void> {
  await until("every group has caught up", async () => {
    const { lag } = JSON.parse((await http.call(new URL("/api/v1/status", status).href)).body) as { lag: Record<string, number> };
    return Object.entries(lag).every(([group, records]) => records === 0 || (group.startsWith("archiver-") && group !== "archiver-cold")) ? true : undefined;
  }, DRAIN_MS);
}
