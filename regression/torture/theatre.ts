import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extended } from "../../tools/fault-proxy/urls.ts";
import type { EngineName } from "../../tools/engines/engine.ts";
import { Fleet } from "./fleet.ts";
import { openStage, type Stage } from "./stage.ts";

/** Everything that the scenarios act on: six engines behind proxies, and the services as processes. */
export interface OpenTheatre {
  readonly stages: Readonly<Record<EngineName, Stage>>;
  readonly fleet: Fleet;
  /** What every process of the installation is told, by way of the proxies. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  close(): Promise<void>;
}

const NAME = "torture";
const DISK_MB = 400;

/** One after the other: they start faster than all at once on few cores. */
const engines: readonly { readonly name: EngineName; readonly clustered: boolean; readonly diskMb?: number }[] = [
  { name: "kafka", clustered: true, diskMb: DISK_MB }, { name: "registry", clustered: false }, { name: "redis", clustered: false }, { name: "mongo", clustered: true },
  { name: "cassandra", clustered: true }, { name: "mosquitto", clustered: false },
];

export async function openTheatre({ nodes, onStep }: { readonly nodes: 1 | 3; readonly onStep: (text: string) => void }): Promise<OpenTheatre> {
  const folder = mkdtempSync(join(tmpdir(), "caudal-torture-"));
  const stages = new Map<EngineName, Stage>();
  let fleet: Fleet | undefined;
  process.once("exit", () => {
    fleet?.killNow();
    rmSync(folder, { recursive: true, force: true });
  });
  const close = async (): Promise<void> => {
    await fleet?.stop();
    await Promise.all([...stages.values()].map((stage) => stage.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const { name, clustered, diskMb } of engines) {
      onStep(`starts ${name}${clustered && nodes > 1 ? ` (${nodes} nodes)` : ""}`);
      stages.set(name, await openStage(name, { nodes: clustered ? nodes : 1, ...(diskMb === undefined || nodes === 1 ? {} : { diskMb }) }));
    }
    const env = environmentOf(Object.fromEntries(stages) as Record<EngineName, Stage>);
    onStep("starts the services");
    fleet = await Fleet.start({ folder, env });
    return { stages: Object.fromEntries(stages) as Record<EngineName, Stage>, fleet, env, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function environmentOf(stages: Readonly<Record<EngineName, Stage>>): Readonly<Record<string, string>> {
  const url = (name: EngineName): string => stages[name].engine.url;
  const redis = extended(url("redis"), "", { prefix: NAME });
  const mongo = extended(url("mongo"), NAME, {});
  return {
    CAUDAL_LOG: extended(url("kafka"), "", { prefix: `${NAME}.` }), CAUDAL_REGISTRY: url("registry"), CAUDAL_HOT: redis, CAUDAL_LIVE: redis, CAUDAL_WARM: mongo,
    CAUDAL_DOCUMENTS: mongo, CAUDAL_ARCHIVE: mongo, CAUDAL_COLD: extended(url("cassandra"), NAME, {}), CAUDAL_MQTT: url("mosquitto"), CAUDAL_MQTT_CLIENT_ID: NAME,
  };
}
