import { readMappingFile, shippedMappingFile } from "@caudal/collector";
import { CaudalError } from "@caudal/core";
import type { CommandContext } from "../commandline/command.ts";
import { toldFailure } from "../commandline/command-failure.ts";
import { parseAllSettings } from "../composition/all-settings.ts";
import type { Finding } from "./finding.ts";

/** Whether Caudal could start with the environment as it is, and whether its mapping file can be read. */
export async function examineSettings({ env, arguments: { flags }, say, language }: CommandContext): Promise<readonly Finding[]> {
  try {
    const { collector: { mappingFile = shippedMappingFile } } = parseAllSettings({ env, flags });
    const mappings = await readMappingFile(mappingFile);
    return [{ check: "settings", ok: true, text: say("doctor.settings") }, { check: "mappings", ok: true, text: say("doctor.mappings", { count: mappings.length, path: mappingFile }) }];
  } catch (error) {
    if (!(error instanceof CaudalError)) throw error;
    const { message, next } = toldFailure(error, language);
    return [{ check: "settings", ok: false, text: `${message}. ${next}` }];
  }
}
