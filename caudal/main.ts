import { CaudalError } from "@caudal/core";
import { runCommandLine } from "./commandline/run.ts";
import { createTerminal } from "./commandline/terminal.ts";

/** Entry of the `caudal` command: the only place that touches the process itself. */
const terminal = createTerminal({ out: process.stdout, error: process.stderr, noColor: (process.env["NO_COLOR"] ?? "") !== "" });

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), { env: process.env, terminal });
} catch (error) {
  // Expected failures were told by the command line; what comes here is a bug, and its trace helps.
  terminal.complain(error instanceof CaudalError ? error.message : String(error instanceof Error ? error.stack : error));
  process.exitCode = 1;
}
