import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../caudal/test-parts/until.ts";
import { startCaudalChild, type CaudalChild } from "./child.ts";
import type { Addresses } from "./plan.ts";

/** An installation that was started to be measured, in processes of its own. */
export interface Installation {
  readonly addresses: Addresses;
  /** Processes of Caudal's, by name. */
  readonly pids: ReadonlyMap<string, number>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const START_MS = 120_000;

/** `caudal up` as a person starts it, without the demo fleet, on ports of its own. `env` chooses engines; a folder that is given outlives it. */
export async function startOneProcess(env: NodeJS.ProcessEnv = {}, given?: string): Promise<Installation> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), "caudal-promise-")));
  const broker = env["CAUDAL_MQTT"] === undefined ? ["--mqtt", "127.0.0.1:0"] : [];
  const child = startCaudalChild(["up", "--no-demo", "--data", folder, "--http", "127.0.0.1:0", ...broker], env);
  const stop = async (): Promise<void> => {
    await child.stop();
    if (given === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const { http, mqtt } = await ready(child, "caudal up", async () => {
      const note = await readFile(join(folder, "running.json"), "utf8").then((text) => JSON.parse(text) as { http: string; mqtt: string | null }, () => undefined);
      return note !== undefined && (await answers(new URL("/readyz", note.http))) ? note : undefined;
    });
    return { addresses: { collector: http, business: http, analytics: http, status: http, processor: http, archiver: http, mqtt: env["CAUDAL_MQTT"] ?? mqtt ?? "" }, pids: new Map([["caudal up", child.pid]]), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What `look` finds once the child serves. Rejects with what it printed when it ends, or at the deadline. */
export async function ready<T>(child: CaudalChild, name: string, look: () => Promise<T | undefined>): Promise<T> {
  try {
    return await until(`${name} is ready`, () => {
      if (child.exitCode() !== undefined) throw new Error(`${name} ended with ${child.exitCode()}`);
      return look();
    }, START_MS);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}: ${child.output().trim()}`, { cause: error });
  }
}

export function answers(url: URL): Promise<boolean> {
  return fetch(url).then(({ ok }) => ok, () => false);
}
