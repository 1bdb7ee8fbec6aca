import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../caudal/test-parts/until.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A Caudal in a process of its own, started as a person would. */
export interface RunningCaudal {
  /** Of Caudal itself, not of npm. */
  readonly pid: number;
  readonly http: string;
  readonly mqtt: string;
  /** What it has printed so far. */
  readonly output: () => string;
  /** kill -9: nothing is drained. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ctrl-C; resolves with the milliseconds that it took and the exit code. */
  stop(): Promise<{ readonly tookMs: number; readonly code: number | null }>;
}

interface Note {
  readonly pid: number;
  readonly http: string;
  readonly mqtt: string;
}

const START_MS = 60_000;

function noteOf(dataDirectory: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, "running.json"), "utf8")) as Note;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `npm start -- FLAGS` on a data folder and resolves once it serves. */
export async function startCaudal(dataDirectory: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunningCaudal> {
  const before = noteOf(dataDirectory)?.pid;
  const child: ChildProcess = spawn("npm", ["start", "--silent", "--", "--data", dataDirectory, ...flags], { cwd: root, env: { ...process.env, NO_COLOR: "1", CAUDAL_LANG: "en", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let code: number | null | undefined;
  void exited.then((value) => (code = value));
  const note = await until("npm start serves", async () => {
    if (code !== undefined) throw new Error(`npm start ended with ${code}:\n${output}`);
    const found = noteOf(dataDirectory);
    if (found === undefined || found.pid === before || !alive(found.pid)) return undefined;
    return (await fetch(new URL("/readyz", found.http)).then(({ ok }) => ok, () => false)) ? found : undefined;
  }, START_MS);
  const gone = (): Promise<true> => until("the process is gone", () => (alive(note.pid) ? undefined : true));
  return {
    ...note,
    output: () => output,
    async kill() {
      process.kill(note.pid, "SIGKILL");
      await gone();
      await exited;
    },
    async stop() {
      const since = performance.now();
      process.kill(note.pid, "SIGINT");
      await gone();
      const tookMs = performance.now() - since;
      return { tookMs, code: await exited };
    },
  };
}
