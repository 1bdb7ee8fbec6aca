import { createHash } from "node:crypto";
import { groups, parseSegmentName, segmentPrefix, sha256Hex, topics, type EventLog, type SegmentStore } from "@caudal/core";
import { decodeContainer, type Codec, type Reading } from "@caudal/schemas";
import type { ArchivedReading } from "../auditor/evidence.ts";
import { decoded } from "./decoded.ts";

const LOG_RECORDS = 1000;

/**
 * Readings of every segment, each offset once, then those that the archiving group has not committed yet from the log. What the group says
 * to have archived is not looked for in the log, so that a segment that is gone shows. Rejects on a segment whose bytes are not its name's.
 */
export async function* archivedReadings({ archive, log, codec }: { readonly archive: SegmentStore; readonly log: EventLog; readonly codec: Codec }): AsyncGenerator<readonly ArchivedReading[]> {
  for (const { partition, committedOffset } of await log.lag(topics.readings, groups.archiveReadings)) {
    yield* fromSegments(archive, codec, partition);
    yield* fromLog(log, codec, partition, committedOffset);
  }
}

async function* fromSegments(archive: SegmentStore, codec: Codec, partition: number): AsyncGenerator<readonly ArchivedReading[]> {
  let position = 0;
  let after: string | undefined;
  for (;;) {
    const names = await archive.list(segmentPrefix(topics.readings, partition), after);
    if (names.length === 0) return;
    for (const name of names) {
      after = name;
      const span = parseSegmentName(name);
      if (span === undefined || span.nextOffset <= position) continue;
      const bytes = await archive.get(name);
      if (bytes === undefined || sha256Hex(bytes) !== span.sha256) throw new Error(`segment ${name} is not what its name says`);
      const readings: ArchivedReading[] = [];
      for (const { offset, value } of await decodeContainer(bytes)) if (offset >= position) readings.push(archived(await decoded(codec, "Reading", value)));
      position = span.nextOffset;
      yield readings;
    }
  }
}

async function* fromLog(log: EventLog, codec: Codec, partition: number, fromOffset: number): AsyncGenerator<readonly ArchivedReading[]> {
  for (let position = fromOffset; ;) {
    const { records, nextOffset } = await log.read({ topic: topics.readings, partition, fromOffset: position, maxRecords: LOG_RECORDS, waitMs: 0 });
    if (nextOffset <= position) return;
    const readings: ArchivedReading[] = [];
    for (const { value } of records) readings.push(archived(await decoded(codec, "Reading", value)));
    yield readings;
    position = nextOffset;
  }
}

function archived({ client, device, samples, observedAtUs, raw, rawSha256 }: Reading): ArchivedReading {
  const hash = createHash("sha256").update(raw).digest();
  return {
    client, device, rawSha256: hash.toString("hex"), isWhole: hash.equals(rawSha256),
    samples: samples.map(({ key, value, timeUs }) => ({ key, value, timeUs: timeUs ?? observedAtUs })),
  };
}
