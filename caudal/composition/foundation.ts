import { topicSpecs } from "@caudal/core";
import { TokenStore } from "@caudal/business";
import {
  createMetrics, createParker, observeDocuments, observeEventLog, observeSegments, observeTier, systemClock, type Clock, type FaultPoints, type Logger, type Metrics, type Parker,
} from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import type { Settings } from "./all-settings.ts";
import { faultyPorts } from "./faulty-ports.ts";
import { openPorts } from "./open-ports.ts";
import type { OpenPorts, PortName, Ports } from "./ports.ts";
import { processFaults } from "./process-faults.ts";

/** Ports that every process needs: events are decoded, published and parked everywhere, and tokens are documents. */
export const foundationPorts = ["registry", "log", "documents"] as const satisfies readonly PortName[];
type FoundationPort = (typeof foundationPorts)[number];

/** What a process stands on: its ports, each counted, and what is made of them alone. */
export interface Foundation<P extends PortName = PortName> {
  readonly ports: Pick<Ports, P | FoundationPort>;
  readonly engines: Readonly<Record<string, string>>;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly tokens: TokenStore;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly dataDirectory: string;
  /** Present only where a test asked for faults. */
  readonly faults?: FaultPoints;
  close(): Promise<void>;
}

export interface FoundationOptions {
  readonly dataDirectory: string;
  readonly settings: Settings;
  readonly logger: Logger;
}

/** Opens what a process with these ports stands on, and declares the topics. */
export async function openFoundation<const P extends PortName>(wanted: readonly P[], { dataDirectory, settings, logger }: FoundationOptions): Promise<Foundation<P>> {
  const opened = await openPorts([...foundationPorts, ...wanted], { dataDirectory, choices: settings.choices, settings: settings.installation, logger });
  try {
    const clock = systemClock;
    const metrics = createMetrics();
    const ports = observed(opened, metrics);
    await ports.log.declareTopics(topicSpecs(settings.installation.partitions));
    const codec = await Codec.open(ports.registry);
    const faults = settings.installation.faults === undefined ? undefined : processFaults(settings.installation.faults, dataDirectory);
    const tokens = await TokenStore.open(faultyPorts({ documents: ports.documents }, "business", faults).documents, () => clock.nowUs());
    const parker = createParker({ log: ports.log, codec, metrics });
    const shared = { ports, engines: opened.engines, codec, parker, tokens, metrics, clock, logger, settings, dataDirectory };
    if (faults === undefined) return { ...shared, close: opened.close };
    return { ...shared, faults, close: async () => opened.close().finally(() => faults.report()) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The same ports, counted and timed. */
function observed<P extends PortName>({ engines: _engines, close: _close, ...ports }: OpenPorts<P>, metrics: Metrics): Pick<Ports, P> {
  const given = ports as Partial<Ports>;
  const counted: Partial<Ports> = {
    ...given,
    ...(given.log === undefined ? {} : { log: observeEventLog(given.log, metrics) }),
    ...(given.documents === undefined ? {} : { documents: observeDocuments(given.documents, metrics) }),
    ...(given.archive === undefined ? {} : { archive: observeSegments(given.archive, metrics) }),
    ...(given.hot === undefined ? {} : { hot: observeTier(given.hot, metrics) }),
    ...(given.warm === undefined ? {} : { warm: observeTier(given.warm, metrics) }),
    ...(given.cold === undefined ? {} : { cold: observeTier(given.cold, metrics) }),
  };
  return counted as Pick<Ports, P>;
}
