import { spawn } from "node:child_process";

const KEPT_CHARACTERS = 3000;

export interface ClientCall {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly limitS: number;
  /** What a person does when the program is not there. */
  readonly missing: string;
}

/** Runs a package client or compiler to its end with the network settings of its own. Rejects with what it said last. */
export async function runClient({ command, cwd, env = {}, limitS, missing }: ClientCall): Promise<void> {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_CHARACTERS)));
  const limit = setTimeout(() => child.kill("SIGKILL"), limitS * 1000);
  const ended = await new Promise<string | undefined>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? new Error(`${program} was not found. ${missing}`) : error));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : signal === null ? `ended with ${code}` : `was ended by ${signal} (limit ${limitS} s)`));
  }).finally(() => clearTimeout(limit));
  if (ended === undefined) return;
  throw new Error(`${command.slice(0, 2).join(" ")} ${ended}:\n${output.trim()}\nCheck the network and the client's own settings (proxy, mirror), then run the same command again.`);
}
