import { CaudalError } from "@caudal/core";
import type { Component, HealthCheck, ListenTarget, Operation } from "@caudal/runtime";
import type { Parked } from "@caudal/schemas";
import { makeParts, type CollectorOptions, type CollectorParts } from "./collector-parts.ts";
import type { DropFolderStatus } from "./dropfolder/drop-folder.ts";
import { readingsOperation } from "./http/readings.ts";
import type { BridgeStatus } from "./mqtt/bridge.ts";
import { createRedecoder, type Redecoded } from "./redecode.ts";

export interface CollectorStatus {
  /** Where the built-in broker listens, and how many are connected. */
  readonly broker: { readonly address: ListenTarget; readonly connections: number } | undefined;
  readonly bridges: readonly BridgeStatus[];
  readonly dropFolder: DropFolderStatus | undefined;
}

export interface Collector extends Component {
  /** They answer "unavailable" until the collector has started. */
  readonly operations: readonly Operation[];
  /** Where the built-in broker listens; undefined when there is none or it has not started. */
  mqttAddress(): ListenTarget | undefined;
  status(): CollectorStatus;
  /** Degraded while an outside broker or the drop folder is not there. */
  health(): HealthCheck;
  /** Publishes what waits to be told of devices, now. */
  flushPresence(): Promise<void>;
  /** Decodes and publishes again what an edge parked. */
  redecode(parked: Parked): Promise<Redecoded>;
}

/** The readings' way in: MQTT, HTTP and a drop folder. `start` rejects with CaudalError "setting" when the mapping file is wrong. */
export function createCollector(options: CollectorOptions): Collector {
  let running: CollectorParts | undefined;

  function parts(): CollectorParts {
    if (running === undefined) throw new CaudalError("unavailable", "the collector is not running");
    return running;
  }

  function status(): CollectorStatus {
    const broker = running?.broker;
    return {
      broker: broker === undefined ? undefined : { address: broker.address(), connections: broker.connections() },
      bridges: running?.bridges.map((bridge) => bridge.status()) ?? [],
      dropFolder: running?.dropFolder?.status(),
    };
  }

  return {
    name: "collector",
    operations: [readingsOperation(parts)],
    start: async () => {
      const made = await makeParts(options);
      const open: Component[] = [];
      try {
        for (const transport of made.transports) {
          await transport.start();
          open.push(transport);
        }
      } catch (error) {
        for (const transport of open.reverse()) await transport.stop(1000);
        throw error;
      }
      running = made;
    },
    quiesce: async () => {
      await Promise.all(running?.transports.map(async (transport) => transport.quiesce?.()) ?? []);
    },
    stop: async (deadlineMs) => {
      const stopping = running;
      running = undefined;
      await Promise.all(stopping?.transports.map((transport) => transport.stop(deadlineMs * 0.9)) ?? []);
      await stopping?.presence.close();
    },
    mqttAddress: () => running?.broker?.address(),
    status,
    health: () => {
      const { bridges, dropFolder } = status();
      const problems = bridges.filter(({ state }) => state !== "connected").map(({ broker, problem }) => `${broker}: ${problem ?? "connecting"}`);
      if (dropFolder?.problem !== undefined) problems.push(`drop folder: ${dropFolder.problem}`);
      return problems.length === 0 ? { status: "ok" } : { status: "degraded", detail: problems.join("; ") };
    },
    flushPresence: async () => running?.presence.flush(),
    redecode: async (parked) => createRedecoder({ ...parts(), dropZone: options.settings.dropZone })(parked),
  };
}
