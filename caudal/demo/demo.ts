import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { startFleet, type Fleet, type FleetStatus } from "@caudal/fleet";
import type { Component, Logger } from "@caudal/runtime";
import { DEMO_CLIENT, demoDirectory } from "./demo-note.ts";
import type { FleetCredentials } from "./fleet-credentials.ts";
import type { ProviderSandbox } from "./provider-sandbox.ts";

/** What the demo may use of the disk: with the whole data folder at this size its fast points slow down and then rest. */
const BUDGET_BYTES = 1_000_000_000;

export interface Demo extends Component {
  /** Undefined while no fleet plays. */
  status(): FleetStatus | undefined;
  /** Opens the providers that are played, once. Undefined where there are to be none, or the demo has stopped, or they cannot be opened, which the log tells. */
  openProviders(): Promise<ProviderSandbox | undefined>;
}

export interface DemoOptions {
  readonly dataDirectory: string;
  /** Address of the broker in this process, once it listens. */
  readonly mqttUrl: () => string;
  readonly credentials: FleetCredentials;
  readonly logger: Logger;
  /** Starts what plays providers; undefined: nothing does. */
  readonly sandbox: (() => Promise<ProviderSandbox>) | undefined;
  /** Makes works that report what the providers give, once they are open; undefined: there are none. */
  readonly works: ((signal: AbortSignal) => Promise<void>) | undefined;
}

async function folderBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isFile()) bytes += await stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0);
  }
  return bytes;
}

/** The demo as a part of the process: real meters played to the broker over MQTT, as loggers would, and providers that are asked. */
export function createDemo({ dataDirectory, mqttUrl, credentials: { username, password }, ...options }: DemoOptions): Demo {
  const logger = options.logger.child({ service: "demo" });
  let fleet: Fleet | undefined;
  let opening: Promise<ProviderSandbox | undefined> | undefined;
  let seeding: Promise<void> | undefined;
  const stopping = new AbortController();
  let hasStopped = false;

  async function open(): Promise<ProviderSandbox | undefined> {
    try {
      const sandbox = await options.sandbox?.();
      if (sandbox !== undefined) seeding = options.works?.(stopping.signal).catch((error: unknown) => logger.error("demo.works-failed", { error }));
      return sandbox;
    } catch (error) {
      logger.error("demo.sandbox-failed", { error });
      return undefined;
    }
  }

  return {
    name: "demo",
    async start() {
      fleet = await startFleet({
        mqttUrl: mqttUrl(), client: DEMO_CLIENT, stateDir: demoDirectory(dataDirectory), username, password,
        budget: { limitBytes: BUDGET_BYTES, usedBytes: () => folderBytes(dataDirectory) },
        log: (event, fields) => logger.info(event, fields),
      });
    },
    async stop(deadlineMs) {
      hasStopped = true;
      stopping.abort();
      const [playing, opened] = [fleet, opening];
      [fleet, opening] = [undefined, undefined];
      await Promise.all([playing?.stop(), opened?.then((sandbox) => sandbox?.close(deadlineMs)), seeding]);
    },
    status: () => fleet?.status(),
    openProviders: async () => (hasStopped ? undefined : (opening ??= open())),
  };
}
