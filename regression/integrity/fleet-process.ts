import { spawn } from "node:child_process";
import { until } from "../../caudal/test-parts/until.ts";
import { root } from "./running-caudal.ts";

/** One service in a process of its own. */
export interface FleetProcess {
  readonly url: string;
  readonly pid: number;
  readonly output: () => string;
  /** How it ended although nobody here asked it to; undefined while it runs or was asked. */
  readonly endedByItself: () => string | undefined;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as a scheduler sends it. */
  stop(): Promise<void>;
}

const START_MS = 60_000;

/** Runs `caudal SERVICE` and resolves once it is ready. */
export async function startProcess(service: string, folder: string, env: NodeJS.ProcessEnv): Promise<FleetProcess> {
  const args = ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning", "caudal/main.ts", service, "--data", folder, "--http", "127.0.0.1:0", "--json"];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, NO_COLOR: "1", CAUDAL_LANG: "en", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let isAsked = false;
  let ended: string | undefined;
  const exited = new Promise<void>((resolve) => child.once("exit", (code, signal) => {
    if (!isAsked) ended = signal === null ? `with code ${code}` : `by ${signal}`;
    resolve();
  }));
  let isGone = false;
  void exited.then(() => (isGone = true));
  const url = await until(`caudal ${service} is ready`, async () => {
    if (isGone) throw new Error(`caudal ${service} ended:\n${output}`);
    const found = /"url": ?"([^"]+)"/.exec(output)?.[1];
    return found !== undefined && (await fetch(new URL("/readyz", found)).then(({ ok }) => ok, () => false)) ? found : undefined;
  }, START_MS);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    isAsked = true;
    if (!isGone) child.kill(signal);
    await exited;
  };
  return { url, pid: child.pid ?? 0, output: () => output, endedByItself: () => ended, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
