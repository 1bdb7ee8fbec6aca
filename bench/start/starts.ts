import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../caudal/test-parts/until.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { median, spreadOf } from "../harness/statistics.ts";
import { Device } from "../promise/device.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOnce, type Start } from "./one-start.ts";

const DEVICES = 1000;
const READINGS = 50;
const ROWS = 500;
const MINUTE_MS = 60_000;
const DRAIN_MS = 300_000;

/** How a start finds things. */
const kinds = ["first start after installing", "fresh data folder", "existing data folder", "existing data folder, after kill -9"] as const;
type Kind = (typeof kinds)[number];
type Times = Pick<Start, "readyMs" | "readMs" | "residentMiB">;

/** Starts in turns, so many of each; then leaves one running for what is measured next. */
export async function measureStarts(context: BenchContext, rounds: number): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-start-"));
  context.closing(() => rm(folder, { recursive: true, force: true }));
  const [compileCache, existing] = [join(folder, "compile-cache"), join(folder, "existing")];
  const device = new Device(0);
  await fill(context, existing, compileCache);
  const found = new Map<Kind, Times[]>(kinds.map((kind) => [kind, []]));
  const took = (kind: Kind, start: Start): void => {
    found.get(kind)!.push(start);
    context.print(`  ${kind}: ready after ${Math.round(start.readyMs)} ms, read after ${Math.round(start.readMs)} ms`);
  };
  for (let round = 0; round < rounds; round++) {
    for (const kind of ["first start after installing", "fresh data folder"] as const) {
      const fresh = join(folder, `fresh-${round}-${kind.length}`);
      const start = await startOnce(fresh, { device: new Device(0), compileCache: kind === "fresh data folder" ? compileCache : join(fresh, "compile-cache") });
      took(kind, start);
      await start.child.stop();
      await rm(fresh, { recursive: true, force: true });
    }
    const clean = await startOnce(existing, { compileCache, device });
    took("existing data folder", clean);
    process.kill(clean.child.pid, "SIGKILL");
    await clean.child.stop();
    const killed = await startOnce(existing, { compileCache, device });
    took("existing data folder, after kill -9", killed);
    await killed.child.stop();
  }
  for (const [kind, starts] of found) tell(context, kind, starts);
  context.note(`Milliseconds from the call that starts the process, median of ${rounds}; the existing folder holds ${(DEVICES * READINGS).toLocaleString("en-US")} readings of ${DEVICES.toLocaleString("en-US")} points. Node and the files lie in the page cache, as on a machine that has run before; npm start itself adds its look whether the clone is set up.`);
  const last = await startOnce(existing, { compileCache, device });
  context.closing(() => last.child.stop());
  return last;
}

function tell(context: BenchContext, kind: Kind, starts: readonly Times[]): void {
  const of = (one: keyof Times): number => median(starts.map((start) => start[one]));
  context.figure({ name: `${kind}: until /readyz answers`, value: of("readyMs"), unit: "ms" });
  context.figure({ name: `${kind}: until the first measurement is read`, value: of("readMs"), unit: "ms" });
  context.figure({ name: `${kind}: resident memory then`, value: of("residentMiB"), unit: "MiB" });
  const { lowest, highest } = spreadOf(starts.map(({ readyMs }) => readyMs));
  context.print(`  ${kind}: ready within ${Math.round(lowest)} to ${Math.round(highest)} ms`);
}

/** An installation that has had readings, stopped by a person. */
async function fill(context: BenchContext, folder: string, compileCache: string): Promise<void> {
  const devices = Array.from({ length: DEVICES }, (_, index) => new Device(index));
  const { child, http } = await startOnce(folder, { compileCache, device: devices[0]! });
  const caller = new HttpCaller();
  try {
    const startMs = Date.now() - READINGS * MINUTE_MS;
    for (let minute = 0; minute < READINGS; minute++) {
      for (let from = 0; from < DEVICES; from += ROWS) {
        const rows = devices.slice(from, from + ROWS).map((one) => one.at(startMs + minute * MINUTE_MS).text);
        const { status, body } = await caller.call(new URL("/api/v1/readings", http).href, { type: "application/json", text: `[${rows.join(",")}]` });
        if (status !== 202) throw new Error(`a push: ${status} ${body.slice(0, 300)}`);
      }
    }
    await until("all that was pushed is in the tiers", async () => {
      const { lag } = JSON.parse((await caller.call(new URL("/api/v1/status", http).href)).body) as { lag: Record<string, number> };
      // The archive commits when a segment is full or old.
      return Object.entries(lag).every(([group, records]) => records === 0 || (group.startsWith("archiver-") && group !== "archiver-cold")) ? true : undefined;
    }, DRAIN_MS);
  } finally {
    caller.close();
    await child.stop();
  }
  context.print("  the existing folder is filled");
}
