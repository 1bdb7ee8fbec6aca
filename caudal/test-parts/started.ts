import { EventEmitter } from "node:events";
import { runCommandLine } from "../commandline/run.ts";
import { captured } from "./captured.ts";
import { until } from "./until.ts";

export interface Started {
  readonly out: () => string;
  readonly error: () => string;
  /** Ctrl-C. Resolves with the exit code. */
  stop(): Promise<number>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly envFile?: string;
}

/** `caudal up ARGV` in this process; resolves once it has told how to send a reading. */
export async function startUp(argv: readonly string[], { env = {}, columns, envFile = "/nonexistent/.env" }: StartOptions = {}): Promise<Started> {
  const { terminal, out, error } = captured({ env, ...(columns === undefined ? {} : { columns }) });
  const signals = new EventEmitter();
  let code: number | undefined;
  const running = runCommandLine(["up", ...argv], { env, terminal, signals, envFile }).then((ended) => (code = ended));
  await until("Caudal has started", () => {
    if (code !== undefined) throw new Error(`ended with ${code}: ${error()}`);
    return out().includes("/api/v1/readings") ? true : undefined;
  });
  return {
    out, error,
    stop: () => {
      signals.emit("SIGINT");
      return running;
    },
  };
}
