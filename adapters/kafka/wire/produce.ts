import { Encoder, exchangeOfVersion, type Exchange } from "./kafkajs.ts";
import { spokenVersions, type Wire } from "./wire.ts";

export interface ProducePlace {
  readonly topic: string;
  readonly partition: number;
  /** One stamped batch of records. */
  readonly batch: Buffer;
}

export interface ProducedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
}

interface ProduceAnswer {
  readonly topics: readonly { readonly topicName: string; readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[] }[];
}

const ALL_IN_SYNC = -1;

/** Sends one batch to each of some partitions that the broker leads, acknowledged by all replicas in sync; tells how each fared. */
export async function produceTo(wire: Wire, places: readonly ProducePlace[], answerWithinMs: number): Promise<readonly ProducedPartition[]> {
  const template = exchangeOfVersion("Produce", spokenVersions.Produce, { acks: ALL_IN_SYNC, timeout: answerWithinMs, topicData: [] });
  const exchange: Exchange = {
    request: { ...template.request, encode: async () => encode(places, answerWithinMs) },
    response: { ...template.response, parse: async (decoded) => decoded },
  };
  const { topics } = (await wire.exchange(exchange, answerWithinMs)) as ProduceAnswer;
  return topics.flatMap(({ topicName, partitions }) => partitions.map(({ partition, errorCode }) => ({ topic: topicName, partition, errorCode })));
}

function encode(places: readonly ProducePlace[], timeoutMs: number): Encoder {
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  const bytes = places.reduce((sum, { batch, topic }) => sum + batch.length + topic.length * 3 + 16, 64);
  // No transaction, acks, broker's own limit of time.
  const encoder = new Encoder(bytes).writeString(null).writeInt16(ALL_IN_SYNC).writeInt32(timeoutMs).writeInt32(byTopic.size);
  for (const [topic, partitions] of byTopic) {
    encoder.writeString(topic).writeInt32(partitions.length);
    for (const { partition, batch } of partitions) encoder.writeInt32(partition).writeInt32(batch.length).writeBuffer(batch);
  }
  return encoder;
}
