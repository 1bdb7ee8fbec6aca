import { pointIdOf, systemScope, topics, type SeriesTier } from "@caudal/core";
import { openCassandraTier } from "@caudal/cassandra";
import { openMongoTier } from "@caudal/mongo";
import { openRedisTier } from "@caudal/redis";
import type { EngineEnvironment } from "../promise/engine-environment.ts";
import type { HttpCaller } from "../promise/http-call.ts";
import type { Installation } from "../promise/installation.ts";
import { drained } from "./drained.ts";
import type { EngineSide } from "./engine-side.ts";
import type { KafkaTopic } from "./kafka-topic.ts";

const DAY_MS = 86_400_000;
const AT_ONCE = 16;

export interface CaudalSideOptions {
  readonly installation: Installation;
  readonly env: EngineEnvironment;
  readonly http: HttpCaller;
  /** Its topic of readings. */
  readonly readings: KafkaTopic;
  /** Names of the load's devices. */
  readonly devices: readonly string[];
}

/** Name of an installation's topic of readings on the broker. */
export function readingsTopic(name: string): string {
  return `${name}.${topics.readings}`;
}

/** Caudal as it stands. Its tiers are counted by tiers that are opened beside it, row by row. */
export function caudalSide({ installation, env, http, readings, devices }: CaudalSideOptions): EngineSide {
  return {
    name: "Caudal", pids: [...installation.pids.values()], topic: "caudal/default/{id}/readings",
    arrived: () => readings.records(),
    through: () => drained(installation, http),
    async stored() {
      const hot = await openRedisTier({ url: env.CAUDAL_HOT, name: "hot", retentionMs: 3 * DAY_MS, tell: () => undefined });
      const warm = await openMongoTier({ url: env.CAUDAL_WARM, name: "warm", retentionMs: 30 * DAY_MS });
      const cold = await openCassandraTier({ url: env.CAUDAL_COLD, name: "cold" });
      const counts = new Map<string, number>();
      for (const [name, tier] of [["redis", hot], ["mongo", warm], ["cassandra", cold]] as const) {
        counts.set(name, await rowsOf(tier, devices));
        await tier.close();
      }
      return counts;
    },
  };
}

async function rowsOf(tier: SeriesTier, devices: readonly string[]): Promise<number> {
  const left = devices.values();
  let rows = 0;
  const worker = async (): Promise<void> => {
    for (const device of left) {
      for await (const block of tier.read(systemScope, { client: "default", point: pointIdOf("default", device), fromUs: 0, toUs: (Date.now() + DAY_MS) * 1000 })) rows += block.rows;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return rows;
}
