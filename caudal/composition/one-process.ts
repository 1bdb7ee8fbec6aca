import { resolve } from "node:path";
import { createAuthenticate, createHealth, createHttpServer, createLifecycle, largeHeap, type Logger, type StopReport } from "@caudal/runtime";
import { buildPage, createPageHandler } from "@caudal/web";
import { clearDemoOperation } from "../demo/clear-operation.ts";
import { createClearing } from "../demo/clearing.ts";
import { createDemo, type Demo } from "../demo/demo.ts";
import { createFleetCredentials } from "../demo/fleet-credentials.ts";
import { startProviderSandbox } from "../demo/provider-sandbox.ts";
import { seedDemoWorks } from "../demo/seed-works.ts";
import { createStatusReader, ownProgress, statusOperation, type InstallationStatus, type StatusReader } from "../status/installation-status.ts";
import { caudalCommand, sendLines } from "../status/send-lines.ts";
import { reachableHost } from "./addresses.ts";
import type { Settings } from "./all-settings.ts";
import { consumerHealth } from "./consumer-health.ts";
import { createErasureWatch } from "./erasure-watch.ts";
import { isLoopbackHost, refuseExposureWithoutToken } from "./exposure.ts";
import { openFoundation, type Foundation } from "./foundation.ts";
import { openOwnRegulators } from "./own-regulators.ts";
import { addHealthChecks } from "./health-checks.ts";
import { mqttAuthenticate } from "./mqtt-authenticate.ts";
import { mqttEngine, sendBroker } from "./mqtt-engine.ts";
import { portNames } from "./ports.ts";
import { makeReplays } from "./replays.ts";
import { makeAnalytics, makeArchiver, makeBusiness, makeCollector, makeCompliance, makeProcessor } from "./services.ts";
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

/** Every service of Caudal in this process, on the embedded engine or on servers. Resolves when all are ready. */
export async function startOneProcess(options: OneProcessOptions): Promise<Installation> {
  const foundation = await openFoundation(portNames, options);
  try {
    return await startServices(options, foundation);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function startServices({ dataDirectory, settings, logger, demo: withDemo }: OneProcessOptions, foundation: Foundation): Promise<Installation> {
  const { installation } = settings;
  const { ports, clock, metrics, tokens } = foundation;
  const httpHost = installation.http.host ?? LOOPBACK;
  const mqttHost = settings.collector.mqtt.kind === "broker" ? (settings.collector.mqtt.listen.host ?? LOOPBACK) : undefined;
  // Where a certificate is required, its authority says who connects.
  const mqttsHost = settings.collector.mqtts === undefined || settings.collector.mqttsClientCert === "required" ? undefined : (settings.collector.mqtts.host ?? LOOPBACK);
  await refuseExposureWithoutToken(tokens, [{ what: "HTTP", host: httpHost }, ...[mqttHost, mqttsHost].flatMap((host) => (host === undefined ? [] : [{ what: "MQTT", host } as const]))]);
  const httpToken = !isLoopbackHost(httpHost);
  const mqttToken = [mqttHost, settings.collector.mqtts === undefined ? undefined : (settings.collector.mqtts.host ?? LOOPBACK)].some((host) => host !== undefined && !isLoopbackHost(host));
  const credentials = createFleetCredentials();

  const processor = makeProcessor(foundation);
  const replays = makeReplays(foundation);
  const archiver = makeArchiver(foundation);
  const analytics = makeAnalytics(foundation);
  const collector = makeCollector(foundation, mqttAuthenticate({ lookup: tokens.lookup, tokensRequired: mqttToken, fleet: credentials }));
  const business = await makeBusiness(foundation, (parked) => collector.redecode(parked));
  const regulators = await openOwnRegulators({ dataDirectory, settings, logger });
  const compliance = await makeCompliance(foundation, regulators?.baseUrls).catch(async (error: unknown) => {
    await regulators?.stop();
    throw error;
  });

  const brokerUrl = (): string | null => {
    const address = collector.mqttAddress();
    return address === undefined ? null : `mqtt://${reachableHost(address.host)}:${address.port}`;
  };
  const pageUrl = (): string => {
    const { host, port } = http.address();
    return `http://${reachableHost(host)}:${port}/`;
  };
  const elsewhere = dataDirectory !== resolve(DEFAULT_DATA);
  // Who is to ask no provider asks none of the demo's either.
  const sandbox = settings.collector.providers === "off" ? undefined : () => startProviderSandbox({ dataDirectory, collector, logger });
  const works = regulators === undefined || sandbox === undefined ? undefined : (signal: AbortSignal) => seedDemoWorks({ compliance, regulators, clock, logger, signal });
  const demo = withDemo ? createDemo({ dataDirectory, mqttUrl: () => brokerUrl() ?? "", credentials, logger, sandbox, works }) : undefined;
  const urls = (): InstallationStatus["urls"] => ({ page: pageUrl(), mqtt: brokerUrl() });
  const status = createStatusReader({
    version: version(), engines: { ...foundation.engines, mqtt: mqttEngine(settings.collector) }, log: ports.log, progress: ownProgress(metrics), parkedCount: () => business.parkedCount(), demo: () => demo?.status() !== undefined, urls,
    send: (host) => sendLines({
      page: httpToken && host !== undefined ? `http://${host}/` : pageUrl(), elsewhere: elsewhere || (httpToken && host !== undefined), httpToken,
      broker: sendBroker(settings.collector, brokerUrl(), { tokenRequired: mqttToken, host: mqttToken ? host : undefined }),
    }),
    monotonicMs: () => clock.monotonicMs(),
  });
  const health = createHealth();
  addHealthChecks(health, ports, dataDirectory);
  health.add("collector", () => collector.health());
  health.add("processor", () => consumerHealth(processor.status().consumers));
  health.add("business", () => consumerHealth(business.status()));
  health.add("compliance", () => consumerHealth(compliance.status()));
  health.add("archiver", () => consumerHealth(archiver.status()));
  health.add("conservation", () => archiver.conservation());
  health.add("analytics", () => consumerHealth([analytics.status().rollups].filter((status) => status !== undefined)));
  const erasureWatch = createErasureWatch({ documents: ports.documents, erase: (client) => analytics.eraseClient(client), clock, logger });
  const clearDemo = createClearing({
    dataDirectory, demo, erasure: archiver.erasure, flushPresence: () => collector.flushPresence(), eraseRollups: (client) => analytics.eraseClient(client),
  });
  const http = createHttpServer({
    host: httpHost, port: installation.http.port, portAsked: settings.origins.http !== "default", hostNames: installation.httpNames ?? [],
    operations: [...collector.operations, ...replays.operations, ...archiver.operations, ...business.operations, ...compliance.operations, ...analytics.operations, statusOperation(status), clearDemoOperation(clearDemo)],
    upgrades: analytics.upgrades,
    statics: createPageHandler(await buildPage()),
    authenticate: createAuthenticate({ lookup: tokens.lookup, tokensRequired: httpToken }),
    health, metrics, logger, version: version(),
  });

  // Sinks first, intake last: what comes in always finds somebody behind it, and on the way down nothing comes in any more.
  const lifecycle = createLifecycle(logger);
  for (const component of [largeHeap({ logger }), processor, archiver, replays, analytics, erasureWatch, business, ...(regulators === undefined ? [] : [regulators]), compliance, collector, http, ...(demo === undefined ? [] : [demo])]) lifecycle.add(component);
  await lifecycle.start();
  return {
    demo, urls, status, clearDemo, command: (words) => caudalCommand(words, { page: pageUrl(), elsewhere }),
    stop: async (budgetMs) => {
      const report = await lifecycle.stop(budgetMs);
      await foundation.close();
      return report;
    },
  };
}
