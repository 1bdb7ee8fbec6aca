import type { EngineName } from "../../tools/engines/engine.ts";
import { extended } from "../../tools/fault-proxy/urls.ts";

/** Engines that a whole installation runs on. */
export const installationEngines = ["kafka", "registry", "redis", "mongo", "cassandra", "mosquitto"] as const satisfies readonly EngineName[];
export type InstallationUrls = Readonly<Record<(typeof installationEngines)[number], string>>;

/** What an installation is told of its engines. */
export interface EngineEnvironment extends NodeJS.ProcessEnv {
  readonly CAUDAL_LOG: string;
  readonly CAUDAL_REGISTRY: string;
  readonly CAUDAL_HOT: string;
  readonly CAUDAL_LIVE: string;
  readonly CAUDAL_WARM: string;
  readonly CAUDAL_DOCUMENTS: string;
  readonly CAUDAL_ARCHIVE: string;
  readonly CAUDAL_COLD: string;
  readonly CAUDAL_MQTT: string;
  readonly CAUDAL_MQTT_CLIENT_ID: string;
  /** Of its own: with another installation's it would divide the broker's messages. */
  readonly CAUDAL_MQTT_SHARE: string;
}

/** The environment that puts an installation on servers, everything under a name of its own: letters, digits and underscores, as a keyspace needs it. */
export function engineEnvironment(urls: InstallationUrls, name: string): EngineEnvironment {
  const redis = extended(urls.redis, "", { prefix: name });
  const mongo = extended(urls.mongo, name, {});
  return {
    CAUDAL_LOG: extended(urls.kafka, "", { prefix: `${name}.`, replication: "1", minInSync: "1" }), CAUDAL_REGISTRY: urls.registry,
    CAUDAL_HOT: redis, CAUDAL_LIVE: redis, CAUDAL_WARM: mongo, CAUDAL_DOCUMENTS: mongo, CAUDAL_ARCHIVE: mongo,
    CAUDAL_COLD: extended(urls.cassandra, name, { replication: "1" }), CAUDAL_MQTT: urls.mosquitto, CAUDAL_MQTT_CLIENT_ID: name, CAUDAL_MQTT_SHARE: name,
  };
}
