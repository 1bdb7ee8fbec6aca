import { runCommand } from "../../test-run/run-command.ts";
import { EngineFailure } from "../failure.ts";

const fetchLimitMs = 600_000;
const toldChars = 2_000;

/**
 * Runs a package client in `cwd` and gives what it printed. A client that is not there or ends with an error becomes an
 * `EngineFailure` with `missing`, the line that installs it, or what it said last.
 */
export async function runTool(command: readonly string[], options: { cwd: string; missing: string }): Promise<string> {
  const { ok, output } = await runCommand(command, { cwd: options.cwd, timeoutMs: fetchLimitMs });
  if (ok) return output;
  if (/ENOENT/.test(output)) throw new EngineFailure(`${command[0]} was not found.`, options.missing);
  throw new EngineFailure(
    `${command.slice(0, 3).join(" ")} … failed:\n${output.slice(-toldChars).trimEnd()}\n`,
    "Check the network and the client's own settings (proxy, mirror), then run the same command again.",
  );
}
