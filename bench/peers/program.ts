import { spawn } from "node:child_process";
import { until } from "../../caudal/test-parts/until.ts";

const START_MS = 60_000;
const STOP_MS = 15_000;
const KEPT_CHARACTERS = 4000;

/** A peer that runs, ours to end. */
export interface RunningPeer {
  readonly pid: number;
  /** The end of what it has printed. */
  output(): string;
  /** SIGTERM, and SIGKILL when that takes too long. Rejects when it had ended by itself before, with its last output. */
  stop(): Promise<void>;
}

export interface PeerCommand {
  /** As errors name it: "Bento". */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Besides our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it serves; asked until it does. A rejection counts as no. */
  answers(): Promise<boolean>;
}

/** Starts a program and resolves when it serves. Rejects with the end of what it printed when it ends before, or does not serve in time. */
export async function startProgram({ name, program, args, folder, env = {}, answers }: PeerCommand): Promise<RunningPeer> {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, NODE_V8_COVERAGE: undefined, NODE_OPTIONS: undefined, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let ended: string | undefined;
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_CHARACTERS)));
  const gone = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      ended ??= how;
      resolve();
    };
    child.once("error", (error) => end(error.message));
    child.once("close", (code, signal) => end(`ended with ${code ?? signal}`));
  });
  // Where this process ends without stopping it.
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  const failure = (what: string): Error => new Error(`${name}: ${what}; it said last:\n${output.trim()}`);
  const stop = async (): Promise<void> => {
    const early = ended;
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(hard);
    process.removeListener("exit", endWithUs);
    if (early !== undefined) throw failure(`${early} before it was stopped`);
  };
  const serves = await until(`${name} serves`, async () => (ended === undefined && !(await answers().catch(() => false)) ? undefined : true), START_MS).catch(() => false);
  if (serves && ended === undefined) return { pid: child.pid ?? 0, output: () => output.trim(), stop };
  const what = ended ?? `does not serve after ${START_MS / 1000} s`;
  await stop().catch(() => undefined);
  throw failure(what);
}
