import type { Component, HealthCheck, Operation, Upgrade } from "@caudal/runtime";
import { buildPage, createPageHandler, type PageHandler } from "@caudal/web";
import { parkedWaiting } from "@caudal/business";
import { consumerHealth } from "../composition/consumer-health.ts";
import { createErasureWatch } from "../composition/erasure-watch.ts";
import type { Foundation } from "../composition/foundation.ts";
import { mqttAuthenticate } from "../composition/mqtt-authenticate.ts";
import { mqttEngine, sendBroker } from "../composition/mqtt-engine.ts";
import type { PortName } from "../composition/ports.ts";
import { makeReplays } from "../composition/replays.ts";
import { makeAnalytics, makeArchiver, makeBusiness, makeCollector, makeCompliance, makeProcessor, makeRedecoder } from "../composition/services.ts";
import { version } from "../composition/version.ts";
import { createFleetCredentials } from "../demo/fleet-credentials.ts";
import { createStatusReader, statusOperation } from "../status/installation-status.ts";
import { sendLines } from "../status/send-lines.ts";
import { readRoster } from "./beats.ts";

/** A service made for a process of its own. */
export interface MadeService {
  /** Opened in this order. */
  readonly components: readonly Component[];
  readonly operations: readonly Operation[];
  /** Answered at the process's own address alone: no route of the fleet's one address leads to them. */
  readonly ownOperations?: readonly Operation[];
  readonly upgrades?: readonly Upgrade[];
  readonly statics?: PageHandler;
  health(): HealthCheck;
}

export interface ServiceRow {
  readonly name: string;
  /** Ports beside those that every process opens. */
  readonly ports: readonly PortName[];
  make(foundation: Foundation): Promise<MadeService>;
}

const ok = { status: "ok" } as const;

/** Every service that runs as a process of its own. */
export const serviceTable: readonly ServiceRow[] = [
  {
    name: "collector", ports: [],
    make: async (foundation) => {
      const authenticate = mqttAuthenticate({ lookup: foundation.tokens.lookup, tokensRequired: true, fleet: createFleetCredentials() });
      const { settings } = foundation;
      // Several collectors of a fleet divide a broker's messages.
      const shared = { ...settings, collector: { ...settings.collector, mqttShare: settings.collector.mqttShare ?? "caudal" } };
      const collector = makeCollector({ ...foundation, settings: shared }, authenticate);
      return { components: [collector], operations: collector.operations, ownOperations: collector.plainOperations, health: () => collector.health() };
    },
  },
  {
    name: "processor", ports: ["archive", "live", "hot", "warm", "cold"],
    make: async (foundation) => {
      const processor = makeProcessor(foundation);
      const replays = makeReplays(foundation);
      return { components: [processor, replays], operations: replays.operations, health: () => consumerHealth(processor.status().consumers) };
    },
  },
  {
    name: "archiver", ports: ["archive", "hot", "warm", "cold"],
    make: async (foundation) => {
      const archiver = makeArchiver(foundation);
      // Consumers that cannot go on are told before what does not add up.
      const health = (): HealthCheck => [consumerHealth(archiver.status()), archiver.conservation()].find(({ status }) => status !== "ok") ?? ok;
      return { components: [archiver], operations: archiver.operations, health };
    },
  },
  {
    name: "analytics", ports: ["live", "hot", "warm", "cold"],
    make: async (foundation) => {
      const analytics = makeAnalytics(foundation);
      const health = (): HealthCheck => consumerHealth([analytics.status().rollups].filter((status) => status !== undefined));
      const { ports: { documents }, clock, logger } = foundation;
      const watch = createErasureWatch({ documents, erase: (client) => analytics.eraseClient(client), clock, logger });
      return { components: [analytics, watch], operations: analytics.operations, upgrades: analytics.upgrades, health };
    },
  },
  {
    name: "business", ports: ["live", "cold"],
    make: async (foundation) => {
      const redecoder = makeRedecoder(foundation);
      const business = await makeBusiness(foundation, (parked) => redecoder.redecode(parked));
      return { components: [redecoder, business], operations: business.operations, health: () => consumerHealth(business.status()) };
    },
  },
  {
    name: "compliance", ports: ["archive", "warm", "cold"],
    make: async (foundation) => {
      const compliance = await makeCompliance(foundation);
      return { components: [compliance], operations: compliance.operations, health: () => consumerHealth(compliance.status()) };
    },
  },
  {
    name: "web", ports: [],
    make: async (foundation) => {
      const { ports: { log, documents }, clock, settings } = foundation;
      const { collector } = settings;
      const broker = collector.mqtt.kind === "bridges" ? (collector.mqtt.urls[0]?.label ?? null) : null;
      const pageOf = (host?: string): string => `http://${host ?? settings.installation.httpNames?.[0] ?? "127.0.0.1:8000"}/`;
      const status = createStatusReader({
        version: version(), engines: { ...foundation.engines, mqtt: mqttEngine(collector) }, log,
        progress: async () => (await readRoster(documents, clock.nowUs())).progress,
        parkedCount: () => parkedWaiting(documents), demo: () => false, urls: () => ({ page: pageOf(), mqtt: broker }),
        send: (host) => sendLines({ page: pageOf(host), elsewhere: true, httpToken: true, broker: sendBroker(collector, null, { tokenRequired: false, host }) }),
        monotonicMs: () => clock.monotonicMs(),
      });
      return { components: [], operations: [statusOperation(status)], statics: createPageHandler(await buildPage()), health: () => ok };
    },
  },
];
