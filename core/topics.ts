import type { TopicSpec } from "./ports/event-log.ts";

export const topics = {
  readings: "caudal.readings",
  points: "caudal.points",
  measurements: "caudal.measurements",
  devices: "caudal.devices",
  parked: "caudal.parked",
} as const;

/** Consumer groups: one a projection or sink, so that one that is behind delays itself alone. */
export const groups = {
  mapping: "processor-mapping",
  judging: "processor-judging",
  hot: "processor-hot",
  warm: "processor-warm",
  archiveReadings: "archiver-readings",
  archivePoints: "archiver-points",
  cold: "archiver-cold",
  rollups: "analytics-rollups",
  devices: "business-devices",
  parked: "business-parked",
  compliance: "compliance",
} as const;
export type GroupName = (typeof groups)[keyof typeof groups];

/** Group of what an edge could not decode. */
export const EDGE_GROUP = "collector";
/** On a parked event: its sender sent it before and saw no acknowledgement, so it may stand in the log already, under another id. */
export const REDELIVERED_HEADER = "caudal-redelivered";

/** A record with this header is meant for the group it names alone. */
export const REPLAY_HEADER = "caudal-replay-for";
export const TRACE_HEADER = "traceparent";

export const DEFAULT_PARTITIONS = 6;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** Parked records stay until a person decides; all others a week, and never less than the slowest group needs. */
export function topicSpecs(partitions = DEFAULT_PARTITIONS): TopicSpec[] {
  return Object.values(topics).map((name) => ({ name, partitions, retentionMs: name === topics.parked ? null : WEEK_MS }));
}
