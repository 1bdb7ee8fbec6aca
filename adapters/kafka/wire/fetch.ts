import { exchangeOfVersion, type Exchange } from "./kafkajs.ts";
import { spokenVersions, type Wire } from "./wire.ts";

export interface FetchPlace {
  readonly topic: string;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly maxBytes: number;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** Next offset of the partition, as far as consumers may see. */
  readonly endOffset: number;
  /** Batches as Kafka stores them; the last may be cut off. */
  readonly bytes: Buffer;
}

export interface FetchRequest {
  readonly places: readonly FetchPlace[];
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  /** Bytes that are worth an answer before the wait is over. */
  readonly minBytes: number;
  readonly answerWithinMs: number;
}

/** One fetch from one broker; answers when `minBytes` are there or `maxWaitMs` are over. Leaves the records packed. */
export async function fetchFrom(wire: Wire, { places, maxBytes, maxWaitMs, minBytes, answerWithinMs }: FetchRequest): Promise<readonly FetchedPartition[]> {
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  const { request, response } = exchangeOfVersion("Fetch", spokenVersions.Fetch, {
    maxWaitTime: maxWaitMs, minBytes, maxBytes, isolationLevel: 0, rackId: "",
    topics: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })),
  });
  const exchange: Exchange = { request, response: { ...response, decode: async (payload) => decodeFetch(payload), parse: async (decoded) => decoded } };
  return (await wire.exchange(exchange, maxWaitMs + answerWithinMs)) as readonly FetchedPartition[];
}

// Throttle time, error, session; then a list of topics of a list of partitions.
function decodeFetch(payload: Buffer): readonly FetchedPartition[] {
  const found: FetchedPartition[] = [];
  let at = 10;
  const int32 = (): number => payload.readInt32BE((at += 4) - 4);
  const int64 = (): number => Number(payload.readBigInt64BE((at += 8) - 8));
  for (let topics = int32(); topics > 0; topics -= 1) {
    const nameBytes = payload.readInt16BE((at += 2) - 2);
    const topic = payload.toString("utf8", at, (at += nameBytes));
    for (let partitions = int32(); partitions > 0; partitions -= 1) {
      const partition = int32();
      const errorCode = payload.readInt16BE((at += 2) - 2);
      const endOffset = int64();
      // Last stable offset, start of the log, aborted transactions (16 bytes each), preferred replica.
      at += 16;
      const aborted = int32();
      at += Math.max(0, aborted) * 16 + 4;
      const bytes = Math.max(0, int32());
      found.push({ topic, partition, errorCode, endOffset, bytes: payload.subarray(at, (at += bytes)) });
    }
  }
  return found;
}
