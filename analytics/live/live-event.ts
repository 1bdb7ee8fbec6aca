import { formatInstant, REPLAY_HEADER, type RecordBatch } from "@caudal/core";
import type { Codec, Measurement } from "@caudal/schemas";
import { unlistedVariable, type PointDirectory, type PointInfo } from "../points/point-directory.ts";
import { systemScope } from "@caudal/core";

/** One measurement as clients get it, written once for all of them. */
export interface LiveEvent {
  readonly offset: number;
  readonly client: string;
  readonly point: string;
  /** JSON on one line. */
  readonly data: string;
}

/** Some events of one partition. */
export interface LiveBatch {
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly events: readonly LiveEvent[];
}

/** Decodes a batch for all clients at once. What cannot be decoded is left out: the groups that store it park it. */
export async function liveBatch(batch: RecordBatch, fromOffset: number, options: { readonly codec: Codec; readonly directory: PointDirectory }): Promise<LiveBatch> {
  const { codec, directory } = options;
  const measurements: { offset: number; value: Measurement }[] = [];
  for (const record of batch.records) {
    // A record that is replayed for one group was live already.
    if (record.headers[REPLAY_HEADER] !== undefined) continue;
    let decoded = codec.decode("Measurement", record.value);
    if (!decoded.ok && decoded.why === "unknown-schema" && (await codec.learn(decoded.schemaId)) === "learned") decoded = codec.decode("Measurement", record.value);
    if (decoded.ok) measurements.push({ offset: record.offset, value: decoded.value });
  }
  const points = await directory.findMany(systemScope, [...new Set(measurements.map(({ value }) => value.point))]);
  const events = measurements.map(({ offset, value }) => ({ offset, client: value.client, point: value.point, data: dataOf(value, points.get(value.point)) }));
  return { fromOffset, nextOffset: batch.nextOffset, events };
}

function dataOf({ client, point, instantUs, receivedAtUs, authority, knownAtUs, facts, labels }: Measurement, info: PointInfo | undefined): string {
  const values = facts.map(({ variable, value, flag, reasons }) => ({
    variable, unit: (info?.variables.find((listed) => listed.variable === variable) ?? unlistedVariable(variable)).unit, value, flag, reasons,
  }));
  const named = Object.keys(labels).length === 0 ? {} : { labels };
  // The revision tells a client what it has seen already: after a crash the log may hold a measurement twice.
  const revision = { authority, knownAt: formatInstant(knownAtUs) };
  return JSON.stringify({ client, point, time: formatInstant(instantUs), receivedAt: formatInstant(receivedAtUs), revision, values, ...named });
}
