import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CpuWatch } from "../promise/cpu-watch.ts";
import { startCaudalChild, type CaudalChild } from "../promise/child.ts";
import type { Device } from "../promise/device.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { answers } from "../promise/installation.ts";

const LOOK_EVERY_MS = 5;
const START_MS = 120_000;

export interface Start {
  /** From the call that starts the process. */
  readonly readyMs: number;
  /** Until a reading, pushed as soon as it was ready, is read from the latest API. */
  readonly readMs: number;
  readonly residentMiB: number;
  readonly http: string;
  readonly child: CaudalChild;
}

/** `caudal up` on this folder, with compiled code in that one, as `npm start` has it. Who asks ends the child. */
export async function startOnce(folder: string, { compileCache, device }: { readonly compileCache: string; readonly device: Device }): Promise<Start> {
  const startedMs = performance.now();
  const child = startCaudalChild(["up", "--no-demo", "--data", folder, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"], { NODE_COMPILE_CACHE: compileCache });
  const caller = new HttpCaller();
  try {
    const http = await untilReady(child, join(folder, "running.json"));
    const readyMs = performance.now() - startedMs;
    const reading = device.next();
    const { status, body } = await caller.call(new URL("/api/v1/readings", http).href, { type: "application/json", text: reading.text });
    if (status !== 202) throw new Error(`a reading after the start: ${status} ${body.slice(0, 300)}`);
    await untilRead(caller, new URL(`/api/v1/analytics/latest?points=${device.point}`, http).href, reading.timeMs);
    return { readyMs, readMs: performance.now() - startedMs, residentMiB: new CpuWatch([child.pid]).end().residentMiB, http, child };
  } catch (error) {
    await child.stop();
    throw new Error(`${error instanceof Error ? error.message : String(error)}: ${child.output().trim()}`, { cause: error });
  } finally {
    caller.close();
  }
}

/** Address of the page once `/readyz` answers. */
async function untilReady(child: CaudalChild, note: string): Promise<string> {
  const end = performance.now() + START_MS;
  for (;;) {
    if (child.exitCode() !== undefined) throw new Error(`caudal up ended with ${child.exitCode()}`);
    if (performance.now() > end) throw new Error(`caudal up was not ready within ${START_MS / 1000} s`);
    const running = await readFile(note, "utf8").then((text) => JSON.parse(text) as { pid: number; http: string }, () => undefined);
    // After a kill the note of the process before is still there.
    if (running?.pid === child.pid && (await answers(new URL("/readyz", running.http)))) return running.http;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** The point itself may not be there yet. */
async function untilRead(caller: HttpCaller, url: string, timeMs: number): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    const { status, body } = await caller.call(url);
    if (status !== 200 && status !== 404) throw new Error(`${url}: ${status} ${body.slice(0, 300)}`);
    const { items } = status === 200 ? (JSON.parse(body) as { items: { values: { time: string }[] }[] }) : { items: [] };
    const values = items[0]?.values ?? [];
    if (values.length > 0 && values.every(({ time }) => Date.parse(time) >= timeMs)) return;
    if (performance.now() > end) throw new Error(`the reading was not read within ${START_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
