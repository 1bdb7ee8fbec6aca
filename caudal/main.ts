import { runCommandLine } from "./commandline/run.ts";
import { createTerminal } from "./commandline/terminal.ts";

/** Entry of the `caudal` command: the only place that touches the process itself. */
const terminal = createTerminal({ out: process.stdout, error: process.stderr, env: process.env });

// A reader that had enough, as `head` has, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

/** A client of a server that went away may go on looking for it, which must not keep a command that has ended. */
const LINGER_MS = 1000;

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), { env: process.env, terminal });
} catch (error) {
  // Expected failures were told by the command line; what comes here is a bug, and its trace helps.
  terminal.complain(String(error instanceof Error ? error.stack : error));
  process.exitCode = 1;
}
setTimeout(() => process.exit(), LINGER_MS).unref();
