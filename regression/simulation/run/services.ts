import { createAnalytics, type Analytics } from "@caudal/analytics";
import { createArchiver, type Archiver, type ArchiverOptions } from "@caudal/archiver";
import { createBusiness, TokenStore } from "@caudal/business";
import { CaudalError, replayRecords, topics, topicSpecs, TRACE_HEADER, type EventLog, type LogRecord } from "@caudal/core";
import { openFileRegistry } from "@caudal/embedded";
import { createProcessor, type Processor } from "@caudal/processor";
import {
  createParker, faultyDocuments, faultyEventLog, faultySegments, faultyTier, silentLogger, systemClock, type Logger, type Component, type FaultPoints, type Operation,
} from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { ClientResolver } from "../../../collector/edge/client-resolver.ts";
import { Edge } from "../../../collector/edge/edge.ts";
import { Presence } from "../../../collector/edge/presence.ts";
import { Receipts } from "../../../collector/edge/receipts.ts";
import { IdempotentAnswers } from "../../../collector/http/idempotency.ts";
import { readingsOperation } from "../../../collector/http/readings.ts";
import type { SimulatedPorts } from "../world/ports.ts";
import { quietMetrics } from "./quiet-metrics.ts";

export const serviceNames = ["processor", "archiver", "analytics", "business", "collector"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** The services of one process, started. */
export interface Services {
  readonly components: readonly Component[];
  readonly processor: Processor | undefined;
  readonly archiver: Archiver | undefined;
  readonly analytics: Analytics | undefined;
  /** The collector's way in, where it is in this process. */
  readonly intake: Operation | undefined;
}

export interface ServicesOptions {
  readonly names: readonly ServiceName[];
  readonly ports: SimulatedPorts;
  readonly codec: Codec;
  readonly partitions: number;
  readonly faults: FaultPoints;
  /** Told of what the services warn of. */
  readonly tell: (line: string) => void;
}

/** Schemas are files of the program, read once a thread. */
export function openCodec(): Promise<Codec> {
  return Codec.open(openFileRegistry());
}

/** Starts services as the composition does: each on ports of its own, with fault points around them; sinks first, intake last. */
export async function startServices({ names, ports, codec, partitions, faults, tell }: ServicesOptions): Promise<Services> {
  const clock = systemClock;
  const metrics = quietMetrics;
  const logger = loggerTo(tell);
  await ports.log.declareTopics(topicSpecs(partitions));
  const around = (service: string): SimulatedPorts => ({
    ...ports, log: faultyEventLog(ports.log, service, faults) as SimulatedPorts["log"], documents: faultyDocuments(ports.documents, service, faults), segments: faultySegments(ports.segments, service, faults),
    hot: faultyTier(ports.hot, service, faults), warm: faultyTier(ports.warm, service, faults), cold: faultyTier(ports.cold, service, faults),
  });
  const common = (own: SimulatedPorts) => ({ ...own, codec, clock, metrics, logger, parker: createParker({ log: own.log, codec, metrics }) });
  const components: Component[] = [];
  let processor: Processor | undefined;
  let archiver: Archiver | undefined;
  let analytics: Analytics | undefined;
  let intake: Operation | undefined;
  const start = async <C extends Component>(component: C): Promise<C> => {
    await component.start();
    components.push(component);
    return component;
  };
  for (const name of serviceNames.filter((each) => names.includes(each))) {
    const own = around(name);
    const given = common(own);
    switch (name) {
      case "processor":
        processor = await start(createProcessor({
          ...given, settings: { adopt: "auto" }, recountRest: { quietMs: 300, mostMs: 2000 },
          past: (partition, fromOffset, toOffset) => replayRecords({ segments: own.segments, log: own.log, topic: topics.readings, partition, fromOffset, toOffset }),
        }));
        break;
      case "archiver":
        archiver = await start(createArchiver({ ...given, settings: { segmentBytes: 16_384, segmentAgeMs: 3000, forget: true, backupDirectory: undefined, backupEveryMs: undefined, backupDrillEveryMs: undefined, backupKeep: 1, scrubEveryMs: 7 * 24 * 3600 * 1000, scrubBytesPerS: 4_194_304 }, backups: noBackups(own) }));
        break;
      case "analytics":
        analytics = await start(createAnalytics({ ...given, settings: { liveClients: 1, liveHeartbeatMs: 15_000, rollupDelayMs: 500, rollupEveryMs: 1000 } }));
        break;
      case "business":
        await start(await createBusiness({
          ...given, tokens: await TokenStore.open(own.documents, () => clock.nowUs()),
          redecode: async () => {
            throw new CaudalError("unavailable", "nothing is decoded again here");
          },
        }));
        break;
      case "collector":
        intake = await openIntake({ ...given, faults }, own);
    }
  }
  return { components, processor, archiver, analytics, intake };
}

/** Backups are files of the machine: a run takes none. */
function noBackups(ports: SimulatedPorts): ArchiverOptions["backups"] {
  const none = async (): Promise<never> => {
    throw new CaudalError("unavailable", "a simulated run has no scratch folder");
  };
  return { ports: { ...ports, archive: ports.segments }, directory: "", version: "simulated", engines: {}, openScratch: none } as unknown as ArchiverOptions["backups"];
}

function loggerTo(tell: (line: string) => void): Logger {
  const say = (event: string, { error }: { readonly error?: unknown } = {}): void => tell(`${event} ${error instanceof Error ? error.message : ""}`);
  const logger: Logger = { ...silentLogger, warn: say, error: say, child: () => logger };
  return logger;
}

/** The collector's edge and its HTTP operation, without a server before it. */
async function openIntake(given: { readonly codec: Codec; readonly clock: typeof systemClock; readonly metrics: typeof quietMetrics; readonly logger: Logger; readonly parker: ReturnType<typeof createParker>; readonly faults: FaultPoints }, { log, documents }: SimulatedPorts): Promise<Operation> {
  const resolver = await ClientResolver.open(documents, given.clock);
  const answers = await IdempotentAnswers.open(documents, given.logger);
  const presence = new Presence({ log, ...given });
  const edge = new Edge({ ...given, log: withOwnSpans(log), presence });
  const receipts = new Receipts();
  return readingsOperation(() => ({ edge, resolver, answers, receipts, metrics: given.metrics, faults: given.faults }));
}

/** The edge draws span ids from a pool that outlives a run: here they follow from the trace, so that the same run writes the same bytes. */
function withOwnSpans(log: EventLog): EventLog {
  const publish = (topic: string, records: readonly LogRecord[]): Promise<void> => log.publish(topic, records.map((record) => {
    const [version, trace = "", , flags] = record.headers?.[TRACE_HEADER]?.split("-") ?? [];
    return trace === "" ? record : { ...record, headers: { ...record.headers, [TRACE_HEADER]: `${version}-${trace}-${trace.slice(0, 16)}-${flags}` } };
  }));
  return new Proxy(log, { get: (target, property) => (property === "publish" ? publish : (Reflect.get(target, property, target) as unknown)) });
}
