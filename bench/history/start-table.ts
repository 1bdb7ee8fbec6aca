import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TablePlan } from "./table-server.ts";

const FILL_MS = 120_000;

export interface TableServer {
  readonly url: string;
  readonly pid: number;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Fills a table in a process of its own; resolves when it serves. */
export async function startTable(plan: Omit<TablePlan, "folder">): Promise<TableServer> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-history-"));
  const child = fork(join(import.meta.dirname, "table-server.ts"));
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    child.send({ ...plan, folder } satisfies TablePlan);
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve(message as number));
      child.once("exit", (code) => reject(new Error(`the table in ${plan.store} ended with ${code}`)));
      AbortSignal.timeout(FILL_MS).addEventListener("abort", () => reject(new Error(`the table in ${plan.store} was not filled within ${FILL_MS / 1000} s`)));
    });
    return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
