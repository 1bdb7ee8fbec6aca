import type { EngineName } from "./engine.ts";
import type { Server } from "./server.ts";
import { cassandra } from "./servers/cassandra.ts";
import { kafka } from "./servers/kafka.ts";
import { mongo } from "./servers/mongo.ts";
import { mosquitto } from "./servers/mosquitto.ts";
import { redis } from "./servers/redis.ts";
import { registry } from "./servers/registry.ts";

/** The server behind each engine's name. */
export const servers: Readonly<Record<EngineName, Server>> = { kafka, registry, redis, mongo, cassandra, mosquitto };
