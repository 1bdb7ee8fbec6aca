import { spawn } from "node:child_process";
import { normalize } from "node:path";

/** How a command ended and what it printed on either stream. */
export interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a command in `cwd` without input, to its end or to `timeoutMs`, and keeps what it printed. */
export function runCommand(command: readonly string[], options: { cwd: string; timeoutMs: number }): Promise<CommandResult> {
  const [program = "", ...args] = command;
  const child = spawn(program === "node" ? process.execPath : normalize(program), args, {
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  // Not spawn's own limit: its timer outlives a program that could not be started.
  const limit = setTimeout(() => child.kill(), options.timeoutMs);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  return new Promise<CommandResult>((resolve) => {
    child.once("error", (error) => resolve({ ok: false, output: `${output}${error.message}\n` }));
    child.once("close", (code, signal) => {
      const late = signal === null ? "" : `ended by ${signal} (limit ${options.timeoutMs / 1000} s)\n`;
      resolve({ ok: code === 0, output: output + late });
    });
  }).finally(() => clearTimeout(limit));
}
