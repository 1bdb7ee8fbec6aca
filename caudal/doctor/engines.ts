import { CaudalError } from "@caudal/core";
import { silentLogger } from "@caudal/runtime";
import type { CommandContext } from "../commandline/command.ts";
import { toldFailure } from "../commandline/command-failure.ts";
import { parseAllSettings } from "../composition/all-settings.ts";
import { enginesOf, openPorts } from "../composition/open-ports.ts";
import { shownPorts } from "../composition/ports.ts";
import { embeddedChoice } from "../engine-settings.ts";
import type { Finding } from "./finding.ts";

/** Whether each server that was chosen for a port answers; the embedded engine needs no asking. */
export async function examineEngines({ env, arguments: { flags }, dataDirectory, say, language }: CommandContext): Promise<readonly Finding[]> {
  let settings: ReturnType<typeof parseAllSettings>;
  try {
    settings = parseAllSettings({ env, flags });
  } catch (error) {
    // The settings' own examination tells it.
    if (error instanceof CaudalError) return [];
    throw error;
  }
  const { choices, installation } = settings;
  const chosen = shownPorts.filter((port) => choices[port] !== embeddedChoice);
  return Promise.all(chosen.map(async (port): Promise<Finding> => {
    const engine = enginesOf([port], choices)[port] ?? port;
    const beganMs = performance.now();
    try {
      const open = await openPorts([port], { dataDirectory, choices, settings: installation, logger: silentLogger });
      await open.close();
      return { check: `engine ${port}`, ok: true, text: say("doctor.engine", { port, engine, ms: Math.round(performance.now() - beganMs) }) };
    } catch (error) {
      if (!(error instanceof CaudalError)) throw error;
      const { message, next } = toldFailure(error, language);
      return { check: `engine ${port}`, ok: false, text: `${port}: ${message}. ${next}` };
    }
  }));
}
