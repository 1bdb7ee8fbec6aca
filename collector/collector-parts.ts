import { hostname } from "node:os";
import type { Documents, EventLog } from "@caudal/core";
import type { Clock, Component, ListenTarget, Logger, Metrics, Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { DropFolder } from "./dropfolder/drop-folder.ts";
import { ClientResolver } from "./edge/client-resolver.ts";
import { Edge } from "./edge/edge.ts";
import { Presence } from "./edge/presence.ts";
import { Receipts } from "./edge/receipts.ts";
import { IdempotentAnswers } from "./http/idempotency.ts";
import { Bridge } from "./mqtt/bridge.ts";
import { Broker, type MqttAuthenticate } from "./mqtt/broker.ts";
import { readMappingFile, shippedMappingFile } from "./mqtt/mapping-file.ts";
import { MappingTable } from "./mqtt/mapping-table.ts";
import { MessageIntake } from "./mqtt/message-intake.ts";
import type { CollectorSettings } from "./settings.ts";

export interface CollectorOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly parker: Parker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: CollectorSettings;
  /** Who connects to the built-in broker. */
  readonly authenticate: MqttAuthenticate;
  /** False: the built-in broker's port is a default, and a taken one moves to the next free one. True when absent. */
  readonly mqttPortAsked?: boolean;
  /** Host of the built-in broker where its setting names none; 127.0.0.1 when absent. */
  readonly mqttHost?: string;
}

/** What a running collector is made of. */
export interface CollectorParts {
  readonly mappings: MappingTable;
  readonly resolver: ClientResolver;
  readonly answers: IdempotentAnswers;
  readonly receipts: Receipts;
  readonly presence: Presence;
  readonly edge: Edge;
  readonly metrics: Metrics;
  readonly broker: Broker | undefined;
  readonly bridges: readonly Bridge[];
  readonly dropFolder: DropFolder | undefined;
  /** The transports that are opened and closed, in the order of opening. */
  readonly transports: readonly Component[];
}

/** Makes the parts; nothing listens or connects yet. */
export async function makeParts(options: CollectorOptions): Promise<CollectorParts> {
  const { log, codec, documents, parker, clock, logger, metrics, settings } = options;
  const mappings = new MappingTable(await readMappingFile(settings.mappingFile ?? shippedMappingFile));
  const resolver = await ClientResolver.open(documents, clock);
  const answers = await IdempotentAnswers.open(documents, logger);
  const receipts = new Receipts();
  const presence = new Presence({ log, codec, clock, logger });
  const edge = new Edge({ log, codec, parker, metrics, presence });
  const intake = new MessageIntake({ mappings, edge, presence, resolver, receipts, metrics, logger });
  const mqtt = { mappings, intake, presence, clock, logger, metrics };
  const broker = settings.mqtt.kind !== "broker" ? undefined : new Broker({
    ...mqtt, authenticate: options.authenticate, maxConnections: settings.mqttMaxConnections, portAsked: options.mqttPortAsked ?? true,
    target: brokerTarget(settings.mqtt.listen, options.mqttHost),
  });
  const clientId = settings.mqttClientId ?? `caudal-${hostname()}`;
  const bridges = settings.mqtt.kind !== "bridges" ? [] : settings.mqtt.urls.map((url) => new Bridge({
    ...mqtt, url, clientId, username: settings.mqttUser, password: settings.mqttPassword, caFile: settings.mqttCaFile, maxInFlight: settings.mqttInFlight,
  }));
  const dropFolder = settings.dropFolder === undefined ? undefined : new DropFolder({
    folder: settings.dropFolder, client: settings.dropClient, zone: settings.dropZone, settleMs: settings.dropSettle, pollMs: settings.dropPoll,
    edge, resolver, clock, logger, metrics,
  });
  const transports = [broker, ...bridges, dropFolder].filter((part) => part !== undefined);
  return { mappings, resolver, answers, receipts, presence, edge, metrics, broker, bridges, dropFolder, transports };
}

function brokerTarget(listen: { readonly host: string | undefined; readonly port: number }, host = "127.0.0.1"): ListenTarget {
  return { host: listen.host ?? host, port: listen.port };
}
