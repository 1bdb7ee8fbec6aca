import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { startFleet, type Fleet, type FleetStatus } from "@caudal/fleet";
import type { Component, Logger } from "@caudal/runtime";
import { DEMO_CLIENT } from "./clear.ts";
import { demoDirectory } from "./demo-note.ts";

/** What the demo may use of the disk: with the whole data folder at this size its fast points slow down and then rest. */
const BUDGET_BYTES = 1_000_000_000;

export interface Demo extends Component {
  status(): FleetStatus | undefined;
}

async function folderBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isFile()) bytes += await stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0);
  }
  return bytes;
}

/** The demo fleet as a part of the process: real meters played to the broker over MQTT, as loggers would. */
export function createDemo(options: { readonly dataDirectory: string; readonly mqttUrl: () => string; readonly logger: Logger; readonly credentials?: { username: string; password: string } }): Demo {
  const { dataDirectory, mqttUrl, credentials } = options;
  const logger = options.logger.child({ service: "demo" });
  let fleet: Fleet | undefined;
  return {
    name: "demo",
    async start() {
      fleet = await startFleet({
        mqttUrl: mqttUrl(), client: DEMO_CLIENT, stateDir: demoDirectory(dataDirectory),
        budget: { limitBytes: BUDGET_BYTES, usedBytes: () => folderBytes(dataDirectory) },
        log: (event, fields) => logger.info(event, fields), ...credentials,
      });
    },
    async stop() {
      await fleet?.stop();
      fleet = undefined;
    },
    status: () => fleet?.status(),
  };
}
