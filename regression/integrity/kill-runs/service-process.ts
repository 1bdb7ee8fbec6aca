import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../running-caudal.ts";

export interface ServiceProcess {
  readonly pid: number;
  /** False when it ended before it was ready. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly output: () => string;
  isGone(): boolean;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGINT; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Longest that a start or a stop may take. */
const PATIENCE_MS = 60_000;
const MAX_OUTPUT_CHARACTERS = 200_000;

/** Runs `caudal ARGUMENTS --json` in a process of its own, without npm; `ready` when it has printed its report. */
export function runService(args: readonly string[], env: NodeJS.ProcessEnv): ServiceProcess {
  // Compiled code that is kept halves a start.
  const cache = { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? join(tmpdir(), "caudal-kill-runs-code") };
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning", "caudal/main.ts", ...args, "--json"], {
    cwd: root, env: { ...process.env, ...cache, NO_COLOR: "1", CAUDAL_LANG: "en", ...env }, stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isGone = false;
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => {
      isGone = true;
      resolve({ code, signal });
    });
  });
  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-MAX_OUTPUT_CHARACTERS);
        if (stream !== child.stdout || !/"pid": ?\d+/.test(output)) return;
        clearTimeout(timer);
        resolve(true);
      });
    }
    void ended.then(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isGone) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, ready, ended, output: () => output, isGone: () => isGone, kill: () => end("SIGKILL"), stop: () => end("SIGINT") };
}
