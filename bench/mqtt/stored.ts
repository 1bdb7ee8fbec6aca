import { topics, type EventLog } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import type { Stored } from "./receiver-words.ts";

const READ_BYTES = 8 * 1024 * 1024;
const READ_RECORDS = 5000;
const VALUES = 3;

/** Reads the whole log of readings and counts. Each device's times rise by themselves, so one that does not is there once more. */
export async function readStored(log: EventLog, codec: Codec): Promise<Stored> {
  const newestUs = new Map<string, number>();
  let [readings, repeated, incomplete] = [0, 0, 0];
  for (const { partition, startOffset, endOffset } of await log.bounds(topics.readings)) {
    for (let fromOffset = startOffset; fromOffset < endOffset;) {
      const batch = await log.read({ topic: topics.readings, partition, fromOffset, maxBytes: READ_BYTES, maxRecords: READ_RECORDS });
      for (const record of batch.records) {
        const decoded = codec.decode("Reading", record.value);
        if (!decoded.ok) throw new Error(`reading at ${partition}/${record.offset}: ${decoded.why}`);
        const { device, observedAtUs, samples } = decoded.value;
        if (observedAtUs === null || samples.length !== VALUES) incomplete += 1;
        else if (observedAtUs <= (newestUs.get(device) ?? 0)) repeated += 1;
        else {
          newestUs.set(device, observedAtUs);
          readings += 1;
        }
      }
      fromOffset = batch.nextOffset;
    }
  }
  const parked = (await log.bounds(topics.parked)).reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0);
  return { readings, repeated, incomplete, parked };
}
