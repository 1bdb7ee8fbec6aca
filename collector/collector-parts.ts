import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { CaudalError, type Documents, type EventLog } from "@caudal/core";
import { noFaults, type Clock, type Component, type FaultPoints, type ListenTarget, type Logger, type Metrics, type Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { DropFolder } from "./dropfolder/drop-folder.ts";
import { ClientResolver } from "./edge/client-resolver.ts";
import { DeviceQuota } from "./edge/device-quota.ts";
import { Edge } from "./edge/edge.ts";
import { Presence } from "./edge/presence.ts";
import { Receipts } from "./edge/receipts.ts";
import { IdempotentAnswers } from "./http/idempotency.ts";
import { Bridge } from "./mqtt/bridge.ts";
import { Broker, BUILT_IN, type MqttAuthenticate } from "./mqtt/broker.ts";
import { readCertificateRules, readMappingFile, shippedMappingFile } from "./mqtt/mapping-file.ts";
import { MappingTable } from "./mqtt/mapping-table.ts";
import { MessageIntake } from "./mqtt/message-intake.ts";
import { ShareMembers } from "./mqtt/share-members.ts";
import { BirthStore } from "./mqtt/sparkplug/birth-store.ts";
import { Sparkplug } from "./mqtt/sparkplug/sparkplug.ts";
import type { TlsOptionsOfBroker } from "./mqtt/tls-listener.ts";
import { Polling } from "./polling/polling.ts";
import type { Account, SecretResolver } from "./providers/account.ts";
import { readProvidersFile, shippedProvidersFile } from "./providers/file/read-providers-file.ts";
import type { AccountProblem } from "./providers/file/secrets.ts";
import { providers } from "./providers/providers.ts";
import type { CollectorSettings } from "./settings.ts";
import { KnownEvents } from "./webhooks/known-events.ts";
import { readWebhookFile, shippedWebhookFile, type Webhook } from "./webhooks/webhook-file.ts";

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
  /** Finds what `env:` and `file:` references of configuration files stand for; none holds a secret when absent. */
  readonly secrets?: SecretResolver;
  /** False: the built-in broker's port is a default, and a taken one moves to the next free one. True when absent. */
  readonly mqttPortAsked?: boolean;
  /** Host of the built-in broker where its setting names none; 127.0.0.1 when absent. */
  readonly mqttHost?: string;
  /** Accounts to ask for beside those of the file. */
  readonly accounts?: readonly Account[];
  /** False: providers are asked only when a person says so. True when absent. */
  readonly polls?: boolean;
  /** Reached around steps that are no calls of a port; none when absent. */
  readonly faults?: FaultPoints;
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
  readonly faults: FaultPoints;
  readonly webhooks: readonly Webhook[];
  /** Events that webhooks have brought. */
  readonly events: KnownEvents;
  readonly sparkplug: Sparkplug;
  readonly broker: Broker | undefined;
  readonly bridges: readonly Bridge[];
  readonly dropFolder: DropFolder | undefined;
  readonly polling: Polling;
  /** The transports that are opened and closed, in the order of opening. */
  readonly transports: readonly Component[];
}

/** Makes the parts; nothing listens or connects yet. */
export async function makeParts(options: CollectorOptions): Promise<CollectorParts> {
  const { log, codec, documents, parker, clock, logger, metrics, settings, faults = noFaults } = options;
  const mappings = new MappingTable(await readMappingFile(settings.mappingFile ?? shippedMappingFile));
  const resolver = await ClientResolver.open(documents, clock);
  const answers = await IdempotentAnswers.open(documents, logger);
  const receipts = new Receipts();
  const presence = new Presence({ log, codec, clock, logger });
  const quota = await DeviceQuota.open(documents, { clock, logger, metrics, presence, perHour: settings.unknownPerHour, perDay: settings.unknownPerDay });
  const edge = new Edge({ log, codec, parker, metrics, presence, quota });
  const webhooks = await readWebhookFile(settings.webhooksFile ?? shippedWebhookFile, options.secrets ?? (async () => undefined));
  const events = await KnownEvents.open(documents, logger);
  // Commands leave by the broker that the message came from; none is open before the first message.
  const publishers = new Map<string, Pick<Broker, "publish">>();
  const isShared = settings.mqtt.kind === "bridges" && settings.mqttShare !== undefined;
  const sparkplug = new Sparkplug({
    store: await BirthStore.open(documents, { isShared }), mappings, clock, logger, isShared, send: (from, topic, payload) => publishers.get(from)?.publish(topic, payload),
  });
  const intake = new MessageIntake({ mappings, edge, presence, resolver, receipts, metrics, logger, faults, sparkplug });
  const mqtt = { mappings, intake, presence, clock, logger, metrics };
  const tls = await brokerTls(settings, options.mqttHost);
  const broker = settings.mqtt.kind !== "broker" && tls === undefined ? undefined : new Broker({
    ...mqtt, hostId: settings.sparkplugHost, authenticate: options.authenticate, maxConnections: settings.mqttMaxConnections, portAsked: options.mqttPortAsked ?? true, tls,
    target: settings.mqtt.kind === "broker" ? brokerTarget(settings.mqtt.listen, options.mqttHost) : undefined,
  });
  const clientId = settings.mqttClientId ?? `caudal-${hostname()}`;
  const { mqttShare: share } = settings;
  // A name that was made up at the start may never come back, and a session kept under it would take its share of the messages for nobody.
  const members = settings.mqtt.kind === "bridges" && share !== undefined && settings.mqttClientId !== undefined
    ? new ShareMembers({ documents, clock, logger, share, name: clientId })
    : undefined;
  const bridges = settings.mqtt.kind !== "bridges" ? [] : settings.mqtt.urls.map((url) => new Bridge({
    ...mqtt, url, ...(members === undefined ? {} : { othersGoOn: () => members.leave() }), clientId, username: settings.mqttUser, password: settings.mqttPassword, caFile: settings.mqttCaFile, certFile: settings.mqttCertFile, keyFile: settings.mqttKeyFile, share, maxInFlight: settings.mqttInFlight, hostId: settings.sparkplugHost,
  }));
  if (broker !== undefined) publishers.set(BUILT_IN, broker);
  for (const bridge of bridges) publishers.set(bridge.status().broker, bridge);
  const dropFolder = settings.dropFolder === undefined ? undefined : new DropFolder({
    folder: settings.dropFolder, client: settings.dropClient, zone: settings.dropZone, settleMs: settings.dropSettle, pollMs: settings.dropPoll,
    edge, resolver, clock, logger, metrics, faults,
  });
  const polling = new Polling({ ...(await accountsOf(options)), edge, receipts, documents, clock, logger, metrics, faults, scheduled: options.polls ?? true });
  const transports = [members, broker, ...bridges, dropFolder, polling].filter((part) => part !== undefined);
  return { mappings, resolver, answers, receipts, presence, edge, metrics, faults, webhooks, events, sparkplug, broker, bridges, dropFolder, polling, transports };
}

/** Those of the file, and those that are given. CaudalError "setting" names what is wrong with the file. */
async function accountsOf({ settings, secrets, logger, accounts = [] }: CollectorOptions): Promise<{ readonly accounts: readonly Account[]; readonly problems: readonly AccountProblem[] }> {
  if (settings.providers === "off") return { accounts, problems: [] };
  const path = settings.providers ?? shippedProvidersFile;
  // The shipped file may be left out of an installation that asks nobody; one that was named must be there.
  if (settings.providers === undefined && !existsSync(path)) return { accounts, problems: [] };
  const file = await readProvidersFile(path, { resolveSecret: secrets ?? (async () => undefined), providers });
  for (const problem of file.problems) logger.warn("polling.account-left-out", { ...problem });
  return { accounts: [...file.accounts, ...accounts], problems: file.problems };
}

/** The built-in broker's listener for mqtts://. CaudalError "setting" where it lacks a file. */
async function brokerTls(settings: CollectorSettings, host?: string): Promise<TlsOptionsOfBroker | undefined> {
  const { mqtts, mqttsCertFile: certFile, mqttsKeyFile: keyFile, mqttsClientCaFile: clientCaFile, mqttsClientCert } = settings;
  if (mqtts === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) throw new CaudalError("setting", "CAUDAL_MQTTS needs a certificate and its key: CAUDAL_MQTTS_CERT and CAUDAL_MQTTS_KEY");
  if (mqttsClientCert === "required" && clientCaFile === undefined) throw new CaudalError("setting", "CAUDAL_MQTTS_CLIENT_CERT=required needs the authorities of devices' certificates: CAUDAL_MQTTS_CLIENT_CA");
  const rules = clientCaFile === undefined ? [] : await readCertificateRules(settings.mappingFile ?? shippedMappingFile);
  return { target: brokerTarget(mqtts, host), certFile, keyFile, clientCaFile, requireCertificate: mqttsClientCert === "required", rules };
}

function brokerTarget(listen: { readonly host: string | undefined; readonly port: number }, host = "127.0.0.1"): ListenTarget {
  return { host: listen.host ?? host, port: listen.port };
}
