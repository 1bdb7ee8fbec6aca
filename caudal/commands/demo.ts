import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { clearDemo } from "../demo/clear.ts";
import { noteDemoCleared } from "../demo/demo-note.ts";
import { openEmbeddedEngines } from "../composition/engines.ts";
import { installationSettings } from "../settings.ts";
import { parseSettings } from "@caudal/runtime";

/** Clears through the running installation, which stops its fleet first; else on the data folder itself. */
export const demoClear: Command = {
  name: "demo clear",
  usage: "",
  async run({ api, running, dataDirectory, env, arguments: { flags }, json, terminal, say }) {
    const cleared = running === undefined ? await clearOffline(dataDirectory, env, flags) : await api().send<{ points: number }>("POST", "/api/v1/demo/clear");
    if (json) terminal.json(cleared);
    else terminal.line(say("demo.cleared", cleared));
    return exitCodes.ok;
  },
};

async function clearOffline(dataDirectory: string, env: Readonly<Record<string, string | undefined>>, flags: Readonly<Record<string, string>>): Promise<{ points: number }> {
  const { hotDays, warmDays, logBytes } = parseSettings(installationSettings, { env, flags });
  const engines = await openEmbeddedEngines({ dataDirectory, hotDays, warmDays, logBytes });
  try {
    noteDemoCleared(dataDirectory);
    return await clearDemo({ ...engines, dataDirectory });
  } finally {
    await engines.close();
  }
}
