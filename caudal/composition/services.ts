import { createAnalytics, type Analytics } from "@caudal/analytics";
import { createArchiver, type Archiver } from "@caudal/archiver";
import { createBusiness, type Business, type Redecode } from "@caudal/business";
import { createCompliance, type Compliance, type RegulatorName } from "@caudal/compliance";
import { createCollector, type Collector, type MqttAuthenticate } from "@caudal/collector";
import { replayRecords, topics } from "@caudal/core";
import { createProcessor, type Processor } from "@caudal/processor";
import { backupDirectory, scratchOpener } from "./backup-places.ts";
import { foundationOf } from "./faulty-foundation.ts";
import type { Foundation } from "./foundation.ts";
import { keyFolder, placeMark } from "./place-mark.ts";
import { secretOf } from "./secret-references.ts";
import { tierBytesOf } from "./tier-bytes.ts";
import { version } from "./version.ts";

/** Each service on what it needs, the same whether it shares its process or has one of its own. */

export function makeCollector(foundation: Foundation<never>, authenticate: MqttAuthenticate): Collector {
  const { ports, settings, ...rest } = foundationOf(foundation, "collector");
  return createCollector({ ...rest, ...ports, settings: settings.collector, mqttPortAsked: settings.origins.mqtt !== "default", authenticate, secrets: (reference) => secretOf(reference) });
}

/** A collector without transports: it decodes again what an edge parked. */
export function makeRedecoder(foundation: Foundation<never>): Collector {
  const { settings } = foundation;
  const collector = { ...settings.collector, mqtt: { kind: "off" }, dropFolder: undefined, providers: "off" } as const;
  return makeCollector({ ...foundation, settings: { ...settings, collector } }, async () => undefined);
}

export function makeProcessor(foundation: Foundation<"archive" | "live" | "hot" | "warm" | "cold">): Processor {
  const { ports, settings, ...rest } = foundationOf(foundation, "processor");
  const { archive: segments, log } = ports;
  return createProcessor({
    ...rest, ...ports, settings: settings.processor,
    past: (partition: number, fromOffset: number, toOffset: number) => replayRecords({ segments, log, topic: topics.readings, partition, fromOffset, toOffset }),
  });
}

export function makeArchiver(foundation: Foundation<"archive" | "hot" | "warm" | "cold">): Archiver {
  const { ports, settings, ...rest } = foundationOf(foundation, "archiver");
  const backups = { ports, directory: backupDirectory(foundation), version: version(), engines: foundation.engines, openScratch: scratchOpener(foundation) };
  const tierBytes = tierBytesOf({ dataDirectory: foundation.dataDirectory, choices: settings.choices });
  return createArchiver({ ...rest, ...ports, tierBytes, backups, segments: ports.archive, settings: settings.archiver });
}

export function makeAnalytics(foundation: Foundation<"live" | "hot" | "warm" | "cold">): Analytics {
  const { ports, settings, ...rest } = foundationOf(foundation, "analytics");
  return createAnalytics({ ...rest, ...ports, settings: settings.analytics });
}

export function makeBusiness(foundation: Foundation<"live" | "cold">, redecode: Redecode): Promise<Business> {
  const { ports, settings, ...rest } = foundationOf(foundation, "business");
  return createBusiness({ ...rest, ...ports, redecode, settings: settings.business });
}

/** `sandbox`: where one answers that this process or its owner started. */
export async function makeCompliance(foundation: Foundation<"archive" | "warm" | "cold">, sandbox: Partial<Record<RegulatorName, string>> = {}): Promise<Compliance> {
  const { ports, settings, dataDirectory, ...rest } = foundationOf(foundation, "compliance");
  const instanceId = await placeMark({ dataDirectory, documents: settings.choices.documents });
  return createCompliance({ ...rest, ...ports, settings: settings.compliance, keyFolder: keyFolder(dataDirectory), instanceId, sandbox });
}
