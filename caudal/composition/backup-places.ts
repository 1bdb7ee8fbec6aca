import { join } from "node:path";
import type { OpenScratch } from "@caudal/archiver";
import type { Logger } from "@caudal/runtime";
import { embeddedChoice } from "../engine-settings.ts";
import type { Settings } from "./all-settings.ts";
import { openPorts, type EngineChoices } from "./open-ports.ts";
import { portNames, type PortName } from "./ports.ts";

/** Ports that a backup holds; the live channel keeps nothing. */
export const backedUpPorts = ["registry", "log", "documents", "archive", "hot", "warm", "cold"] as const satisfies readonly PortName[];

interface Place {
  readonly dataDirectory: string;
  readonly settings: Settings;
}

/** Where the installation's backups lie. */
export function backupDirectory({ dataDirectory, settings }: Place): string {
  return settings.archiver.backupDirectory ?? join(dataDirectory, "backups");
}

/** Every port on the embedded engine. */
export const embeddedChoices = Object.fromEntries(portNames.map((name) => [name, embeddedChoice])) as unknown as EngineChoices;

/** Opens the embedded engine in a folder of a drill. Schemas are asked of the installation's own registry: it is what gives ids their meaning. */
export function scratchOpener({ settings, logger }: Pick<Place, "settings"> & { readonly logger: Logger }): OpenScratch {
  const choices = { ...embeddedChoices, registry: settings.choices.registry };
  return (dataDirectory) => openPorts(backedUpPorts, { dataDirectory, choices, settings: settings.installation, logger });
}
