import { silentLogger } from "@caudal/runtime";
import { parseAllSettings } from "../composition/all-settings.ts";
import { openPorts } from "../composition/open-ports.ts";
import { portNames, type OpenPorts, type PortName } from "../composition/ports.ts";

/** Every port of an installation that does not run now (or whose engines are servers), by its data folder and its environment. */
export function portsOf(dataDirectory: string, env: Readonly<Record<string, string>> = {}): Promise<OpenPorts<PortName>> {
  const { choices, installation } = parseAllSettings({ env });
  return openPorts(portNames, { dataDirectory, choices, settings: installation, logger: silentLogger });
}
