import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { startFleet, type Fleet, type FleetStatus } from "@caudal/fleet";
import type { Component, Logger } from "@caudal/runtime";
import { DEMO_CLIENT, demoDirectory } from "./demo-note.ts";
import type { FleetCredentials } from "./fleet-credentials.ts";

/** What the demo may use of the disk: with the whole data folder at this size its fast points slow down and then rest. */
const BUDGET_BYTES = 1_000_000_000;

export interface Demo extends Component {
  /** Undefined while no fleet plays. */
  status(): FleetStatus | undefined;
}

export interface DemoOptions {
  readonly dataDirectory: string;
  /** Address of the broker in this process, once it listens. */
  readonly mqttUrl: () => string;
  readonly credentials: FleetCredentials;
  readonly logger: Logger;
}

async function folderBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isFile()) bytes += await stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0);
  }
  return bytes;
}

/** The demo fleet as a part of the process: real meters played to the broker over MQTT, as loggers would. */
export function createDemo({ dataDirectory, mqttUrl, credentials: { username, password }, ...options }: DemoOptions): Demo {
  const logger = options.logger.child({ service: "demo" });
  let fleet: Fleet | undefined;
  return {
    name: "demo",
    async start() {
      fleet = await startFleet({
        mqttUrl: mqttUrl(), client: DEMO_CLIENT, stateDir: demoDirectory(dataDirectory), username, password,
        budget: { limitBytes: BUDGET_BYTES, usedBytes: () => folderBytes(dataDirectory) },
        log: (event, fields) => logger.info(event, fields),
      });
    },
    async stop() {
      const playing = fleet;
      fleet = undefined;
      await playing?.stop();
    },
    status: () => fleet?.status(),
  };
}
