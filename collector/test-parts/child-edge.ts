import { topicSpecs, type Documents, type EventLog } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, silentLogger, systemClock, type Metrics } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { Edge } from "../edge/edge.ts";
import { Presence } from "../edge/presence.ts";

/** The way into a real log, for a process that is to be killed on it. */
export async function openChildEdge(directory: string): Promise<{ readonly log: EventLog; readonly documents: Documents; readonly metrics: Metrics; readonly edge: Edge }> {
  const log = await openEmbeddedLog({ directory });
  await log.declareTopics(topicSpecs(2));
  const codec = await Codec.open(openFileRegistry());
  const metrics = createMetrics({ process: false });
  const documents = await openEmbeddedDocuments({ directory });
  const edge = new Edge({ log, codec, metrics, parker: createParker({ log, codec, metrics }), presence: new Presence({ log, codec, clock: systemClock, logger: silentLogger }) });
  return { log, documents, metrics, edge };
}
