import { silentLogger } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

interface Cleared {
  readonly points: number;
}

/** What the installation still has in hand of the demo runs through first, and a first start's history takes a while. */
const CLEAR_MS = 180_000;
const STOP_MS = 4500;

/** Clears through the running installation, which stops its fleet first; else one is started on the folder that nobody can send to. */
export const demoClear: Command = {
  name: "demo clear",
  usage: "",
  spec: {},
  async run(context) {
    const { api, reachable, json, terminal, say } = context;
    const cleared = reachable ? await api().send<Cleared>("POST", "/api/v1/demo/clear", { timeoutMs: CLEAR_MS }) : await clearOnFolder(context);
    if (json) terminal.json(cleared);
    else terminal.line(say("demo.cleared", { ...cleared }));
    return exitCodes.ok;
  },
};

/** The services run for it, because the log may hold readings of the demo that nobody has processed yet. */
async function clearOnFolder({ dataDirectory, env, arguments: { flags } }: CommandContext): Promise<Cleared> {
  const [{ parseAllSettings }, { startOneProcess }] = await Promise.all([import("../composition/all-settings.ts"), import("../composition/one-process.ts")]);
  const settings = parseAllSettings({ env: { ...env, CAUDAL_DROP_FOLDER: "", CAUDAL_PROVIDERS: "off" }, flags: { ...flags, "--http": "127.0.0.1:0", "--mqtt": "off" } });
  const installation = await startOneProcess({ dataDirectory, settings, logger: silentLogger, demo: false });
  try {
    return await installation.clearDemo();
  } finally {
    await installation.stop(STOP_MS);
  }
}
