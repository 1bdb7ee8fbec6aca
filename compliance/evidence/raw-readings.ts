import { CaudalError, deviceKey, parseSegmentName, partitionOf, replayRecords, segmentPrefix, topics, type EventLog, type SegmentStore } from "@caudal/core";
import type { Codec, Reading } from "@caudal/schemas";
import { canonicalJson } from "../ledger/canonical-json.ts";

const DAY_US = 86_400_000_000;

/** Where readings are kept as they came. */
export interface ReadingSource {
  readonly segments: SegmentStore;
  readonly log: EventLog;
  readonly codec: Codec;
}

export interface ReadingQuestion {
  /** Ids `client/device`. */
  readonly devices: readonly string[];
  /** Of a sample's own time; half-open. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly signal: AbortSignal;
}

/** What was looked through. `problem`: why a part of it could not be read. */
export interface LookedThrough {
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly readings: number;
  readonly problem: string | null;
}

/** Readings of the devices with a sample in the span, one a line with the bytes as they arrived, and at the end of each partition what was looked through. Late ones are found wherever they stand behind. */
export async function* readingLines({ segments, log, codec }: ReadingSource, { devices, fromUs, toUs, signal }: ReadingQuestion, looked: (through: LookedThrough) => void): AsyncGenerator<string> {
  const bounds = await log.bounds(topics.readings);
  const byPartition = Map.groupBy(devices, (device) => partitionOf(device, bounds.length));
  for (const partition of [...byPartition.keys()].sort((a, b) => a - b)) {
    const asked = new Set(byPartition.get(partition));
    const { startOffset, endOffset } = bounds[partition]!;
    const fromOffset = (await firstOffset(segments, partition, fromUs)) ?? startOffset;
    let readings = 0;
    let problem: string | null = null;
    try {
      for await (const records of replayRecords({ segments, log, topic: topics.readings, partition, fromOffset, toOffset: endOffset, signal })) {
        for (const { key, offset, value } of records) {
          if (!asked.has(key)) continue;
          const decoded = codec.decode("Reading", value);
          if (!decoded.ok || !asked.has(deviceKey(decoded.value.client, decoded.value.device)) || !isWithin(decoded.value, fromUs, toUs)) continue;
          readings++;
          yield lineOf(decoded.value, { partition, offset });
        }
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof CaudalError)) throw error;
      // A pack with a part missing that says so is worth more than none.
      problem = `${error.code}: ${error.message}`;
    }
    looked({ partition, fromOffset, toOffset: endOffset, readings, problem });
  }
}

/** Where the archive's first segment of the span's day begins; what it measured before cannot have been received later than it was measured. */
async function firstOffset(segments: SegmentStore, partition: number, fromUs: number): Promise<number | undefined> {
  // A device's clock may be ahead of ours by up to a day before it is told so.
  const day = new Date((fromUs - DAY_US) / 1000).toISOString().slice(0, 10);
  let after: string | undefined;
  let end: number | undefined;
  for (;;) {
    const names = await segments.list(segmentPrefix(topics.readings, partition), after);
    if (names.length === 0) return end;
    for (const name of names) {
      after = name;
      const span = parseSegmentName(name);
      if (span === undefined) continue;
      if (span.day >= day) return span.firstOffset;
      end = span.nextOffset;
    }
  }
}

function isWithin({ samples, observedAtUs, receivedAtUs }: Reading, fromUs: number, toUs: number): boolean {
  const times = samples.length === 0 ? [observedAtUs ?? receivedAtUs] : samples.map(({ timeUs }) => timeUs ?? observedAtUs ?? receivedAtUs);
  return times.some((timeUs) => timeUs >= fromUs && timeUs < toUs);
}

function lineOf(reading: Reading, { partition, offset }: { readonly partition: number; readonly offset: number }): string {
  const { eventId, client, device, source, transport, origin, observedAtUs, receivedAtUs, samples, contentType, raw, rawSha256, labels } = reading;
  const line = canonicalJson({
    partition, offset, eventId, client, device, source, transport, origin: origin.toWellFormed(), observedAtUs, receivedAtUs, contentType,
    labels: Object.fromEntries(Object.entries(labels).map(([name, label]) => [name.toWellFormed(), label.toWellFormed()])),
    samples: samples.map(({ key, value, unit, timeUs }) => ({ key: key.toWellFormed(), value: typeof value === "number" ? String(value) : typeof value === "string" ? value.toWellFormed() : value, unit: unit === null ? null : unit.toWellFormed(), timeUs })),
    raw: Buffer.from(raw).toString("base64"), rawSha256: Buffer.from(rawSha256).toString("hex"),
  });
  return `${line}\n`;
}
