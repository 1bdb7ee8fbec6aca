import { resolve } from "node:path";
import { createAnalytics } from "@caudal/analytics";
import { createArchiver } from "@caudal/archiver";
import { createBusiness, TokenStore } from "@caudal/business";
import { createCollector } from "@caudal/collector";
import { replayRecords, topicSpecs, topics } from "@caudal/core";
import { createProcessor } from "@caudal/processor";
import {
  createAuthenticate, createHealth, createHttpServer, createLifecycle, createMetrics, createParker, observeDocuments, observeEventLog, observeSegments, observeTier, systemClock,
  type Logger, type StopReport,
} from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { buildPage, createPageHandler } from "@caudal/web";
import { clearDemoOperation } from "../demo/clear-operation.ts";
import { createClearing } from "../demo/clearing.ts";
import { createDemo, type Demo } from "../demo/demo.ts";
import { createFleetCredentials } from "../demo/fleet-credentials.ts";
import { createStatusReader, statusOperation, type InstallationStatus, type StatusReader } from "../status/installation-status.ts";
import { caudalCommand, sendLines } from "../status/send-lines.ts";
import { reachableHost } from "./addresses.ts";
import type { Settings } from "./all-settings.ts";
import { consumerHealth } from "./consumer-health.ts";
import { openEmbeddedEngines, type Engines } from "./engines.ts";
import { isLoopbackHost, refuseExposureWithoutToken } from "./exposure.ts";
import { addHealthChecks } from "./health-checks.ts";
import { mqttAuthenticate } from "./mqtt-authenticate.ts";
import { mqttEngine, sendBroker } from "./mqtt-engine.ts";
import { version } from "./version.ts";

export interface OneProcessOptions {
  readonly dataDirectory: string;
  readonly settings: Settings;
  readonly logger: Logger;
  /** Whether the demo fleet plays. */
  readonly demo: boolean;
}

export interface Installation {
  readonly demo: Demo | undefined;
  readonly urls: () => InstallationStatus["urls"];
  readonly status: StatusReader;
  /** A line for the shell that runs a command on this installation. */
  readonly command: (words: string) => string;
  /** Removes the demo fleet and all its data. Resolves with how many points there were. */
  clearDemo(): Promise<{ readonly points: number }>;
  /** Stops taking, drains, settles offsets and closes in reverse order, within the budget. */
  stop(budgetMs: number): Promise<StopReport>;
}

const LOOPBACK = "127.0.0.1";
/** Where commands look for the data folder when nobody says. */
const DEFAULT_DATA = "data";

/** Every service of Caudal in this process, on the embedded engine. Resolves when all are ready. */
export async function startOneProcess(options: OneProcessOptions): Promise<Installation> {
  const { dataDirectory, settings: { installation: { hotDays, warmDays, logBytes } } } = options;
  const engines = await openEmbeddedEngines({ dataDirectory, hotDays, warmDays, logBytes });
  try {
    return await startServices(options, engines);
  } catch (error) {
    await engines.close();
    throw error;
  }
}

async function startServices({ dataDirectory, settings, logger, demo: withDemo }: OneProcessOptions, engines: Engines): Promise<Installation> {
  const { installation } = settings;
  const clock = systemClock;
  const metrics = createMetrics();
  const { live, registry } = engines;
  const segments = observeSegments(engines.segments, metrics);
  const log = observeEventLog(engines.log, metrics);
  const documents = observeDocuments(engines.documents, metrics);
  const [hot, warm, cold] = [engines.hot, engines.warm, engines.cold].map((tier) => observeTier(tier, metrics)) as [typeof engines.hot, typeof engines.warm, typeof engines.cold];
  const codec = await Codec.open(registry);
  await log.declareTopics(topicSpecs(installation.partitions));

  const tokens = await TokenStore.open(documents, () => clock.nowUs());
  const httpHost = installation.http.host ?? LOOPBACK;
  const mqttHost = settings.collector.mqtt.kind === "broker" ? (settings.collector.mqtt.listen.host ?? LOOPBACK) : undefined;
  await refuseExposureWithoutToken(tokens, [{ what: "HTTP", host: httpHost }, ...(mqttHost === undefined ? [] : [{ what: "MQTT", host: mqttHost } as const])]);
  const httpToken = !isLoopbackHost(httpHost);
  const mqttToken = mqttHost !== undefined && !isLoopbackHost(mqttHost);
  const credentials = createFleetCredentials();

  const parker = createParker({ log, codec, metrics });
  const common = { log, codec, documents, live, parker, clock, logger, metrics };
  const past = (partition: number, fromOffset: number, toOffset: number, signal?: AbortSignal): ReturnType<typeof replayRecords> =>
    replayRecords({ segments, log, topic: topics.readings, partition, fromOffset, toOffset, ...(signal === undefined ? {} : { signal }) });
  const processor = createProcessor({ ...common, hot, warm, settings: settings.processor, past });
  const archiver = createArchiver({ ...common, cold, segments, settings: settings.archiver });
  const analytics = createAnalytics({ ...common, hot, warm, cold, settings: settings.analytics });
  const collector = createCollector({
    ...common, settings: settings.collector, mqttPortAsked: settings.origins.mqtt !== "default",
    authenticate: mqttAuthenticate({ lookup: tokens.lookup, tokensRequired: mqttToken, fleet: credentials }),
  });
  const business = await createBusiness({ ...common, tokens, redecode: (parked) => collector.redecode(parked) });

  const brokerUrl = (): string | null => {
    const address = collector.mqttAddress();
    return address === undefined ? null : `mqtt://${reachableHost(address.host)}:${address.port}`;
  };
  const pageUrl = (): string => {
    const { host, port } = http.address();
    return `http://${reachableHost(host)}:${port}/`;
  };
  const elsewhere = dataDirectory !== resolve(DEFAULT_DATA);
  const demo = withDemo ? createDemo({ dataDirectory, mqttUrl: () => brokerUrl() ?? "", credentials, logger }) : undefined;
  const urls = (): InstallationStatus["urls"] => ({ page: pageUrl(), mqtt: brokerUrl() });
  const status = createStatusReader({
    version: version(), engines: engineNames(mqttEngine(settings.collector)), log, metrics, parkedCount: () => business.parkedCount(), demo: () => demo?.status() !== undefined, urls,
    send: (host) => sendLines({
      page: httpToken && host !== undefined ? `http://${host}/` : pageUrl(), elsewhere: elsewhere || (httpToken && host !== undefined), httpToken,
      broker: sendBroker(settings.collector, brokerUrl(), { tokenRequired: mqttToken, host: mqttToken ? host : undefined }),
    }),
    monotonicMs: () => clock.monotonicMs(),
  });
  const health = createHealth();
  addHealthChecks(health, engines, dataDirectory);
  health.add("collector", () => collector.health());
  health.add("processor", () => consumerHealth(processor.status().consumers));
  health.add("business", () => consumerHealth(business.status()));
  health.add("archiver", () => consumerHealth(archiver.status()));
  health.add("analytics", () => consumerHealth([analytics.status().rollups].filter((status) => status !== undefined)));
  let stopping = false;
  const clearDemo = createClearing({
    ...engines, log, dataDirectory, demo, processor, flushPresence: () => collector.flushPresence(), flushArchive: () => archiver.flush(),
    eraseRollups: (client) => analytics.eraseClient(client), stopping: () => stopping,
  });
  const http = createHttpServer({
    host: httpHost, port: installation.http.port, portAsked: settings.origins.http !== "default", hostNames: installation.httpNames ?? [],
    operations: [...collector.operations, ...business.operations, ...analytics.operations, statusOperation(status), clearDemoOperation(clearDemo)],
    upgrades: analytics.upgrades,
    statics: createPageHandler(await buildPage()),
    authenticate: createAuthenticate({ lookup: tokens.lookup, tokensRequired: httpToken }),
    health, metrics, logger, version: version(),
  });

  // Sinks first, intake last: what comes in always finds somebody behind it, and on the way down nothing comes in any more.
  const lifecycle = createLifecycle(logger);
  for (const component of [processor, archiver, analytics, business, collector, http, ...(demo === undefined ? [] : [demo])]) lifecycle.add(component);
  await lifecycle.start();
  return {
    demo, urls, status, clearDemo, command: (words) => caudalCommand(words, { page: pageUrl(), elsewhere }),
    stop: async (budgetMs) => {
      stopping = true;
      const report = await lifecycle.stop(budgetMs);
      await engines.close();
      return report;
    },
  };
}

function engineNames(mqtt: string): Readonly<Record<string, string>> {
  const embedded = "embedded (SQLite)";
  return { log: embedded, hot: embedded, warm: embedded, cold: embedded, documents: embedded, archive: "files", registry: "files", live: "in process", mqtt };
}
