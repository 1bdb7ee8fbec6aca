import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const STOP_MS = 30_000;
const KEPT_CHARACTERS = 8000;

/** `caudal ARGS` in a process of its own. */
export interface CaudalChild {
  readonly pid: number;
  /** The end of what it has printed. */
  output(): string;
  /** Undefined while it runs. */
  exitCode(): number | null | undefined;
  /** SIGTERM, and SIGKILL when that takes too long. */
  stop(): Promise<void>;
}

export function startCaudalChild(args: readonly string[], env: NodeJS.ProcessEnv): CaudalChild {
  const child = spawn(process.execPath, [join(root, "caudal", "main.ts"), ...args], {
    cwd: root, env: { ...process.env, NO_COLOR: "1", CAUDAL_LANG: "en", ...env }, stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let code: number | null | undefined;
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_CHARACTERS)));
  const exited = new Promise<void>((resolve) => child.once("exit", (given) => {
    code = given;
    resolve();
  }));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exitCode: () => code,
    async stop() {
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(hard);
    },
  };
}
