import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Account } from "../../collector/providers/account.ts";
import { parseProviders } from "../../collector/providers/file/read-providers-file.ts";
import { providers } from "../../collector/providers/providers.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import type { CallsSeen } from "./call-counts.ts";
import type { SandboxOrder } from "./sandbox-child.ts";

export interface SandboxProcess {
  readonly accounts: readonly Account[];
  /** What its log says of the time since an instant, milliseconds since 1970. */
  seen(fromMs: number): Promise<CallsSeen>;
}

/** A sandbox in a process of its own, with the accounts that open it; it ends with the benchmark. */
export async function openSandboxProcess(context: BenchContext, order: SandboxOrder): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "sandbox-child.ts"), JSON.stringify(order)], { stdio: ["pipe", "pipe", "inherit"] });
  context.closing(async () => {
    const ended = once(child, "exit");
    child.stdin.end();
    await ended;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the sandbox's process has ended");
    return JSON.parse(value) as unknown;
  };
  const { text, secrets } = (await next()) as { text: string; secrets: readonly (readonly [string, string])[] };
  const known = new Map(secrets);
  const { accounts, problems } = await parseProviders(text, "sandbox.yaml", { providers, resolveSecret: async (reference) => known.get(reference.slice("file:/secrets/".length)) });
  if (accounts.length === 0 || problems.length > 0) throw new Error(`the sandbox's accounts cannot be used: ${JSON.stringify(problems)}`);
  return {
    accounts,
    seen: async (fromMs) => {
      child.stdin.write(`${fromMs}\n`);
      return (await next()) as CallsSeen;
    },
  };
}
