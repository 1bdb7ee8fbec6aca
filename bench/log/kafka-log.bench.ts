import { randomUUID } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from "kafkajs";
import { openKafkaLog, type KafkaLogOptions } from "@caudal/kafka";
import type { EventLog } from "@caudal/core";
import { BatchWriter, mostBytes } from "../../adapters/kafka/records/batch-writer.ts";
import { defineBenchmark, type BenchContext, type Contender } from "../harness/benchmark.ts";
import { readings } from "./readings.ts";

const PARTITIONS = 6;
const BATCH = 500;
const FILL = 600_000;

export const benchmark = defineBenchmark({
  name: "kafka-log",
  about:
    "Records of 150 bytes, 500 a batch, 6 partitions, acks=all: our log against bare kafkajs with its idempotent producer and one send in flight, " +
    "and consuming against its eachBatch; both hand out keys, values and offsets.",
  needs: ["kafka"],
  seconds: 25,
  async run(context) {
    const { url } = context.engine("kafka");
    registerZstd();
    const scene = new Scene(context, url);
    await scene.open();
    await context.compare({
      name: "publish, 500 records a call, one call at a time", unit: "records", leastRatio: 0.85,
      ours: { name: "ours", batch: () => scene.publish(scene.log("zstd")) },
      baseline: await scene.bareProducer(),
      beside: [
        { name: "ours, gzip", batch: () => scene.publish(scene.log("gzip")) },
        { name: "ours, not compressed", batch: () => scene.publish(scene.log("none")) },
      ],
    });
    await context.compare({
      name: "publish, 10 records a call, 100 callers at once", unit: "records",
      ours: { name: "ours", inFlight: 100, batch: () => scene.publish(scene.log("zstd"), 10) },
      baseline: await scene.bareProducer(10),
    });
    for (const [compression, leastRatio] of [["none", 0.85], ["zstd", undefined], ["gzip", undefined]] as const) {
      const topic = await scene.filled(compression);
      await context.compare({
        name: compression === "none" ? "consume, not compressed" : `consume, ${compression}`, unit: "records",
        ...(leastRatio === undefined ? {} : { leastRatio }),
        ours: scene.consumer(topic),
        baseline: scene.bareConsumer(topic),
      });
    }
    for (const records of [80, 1000]) {
      for (const compression of ["none", "gzip", "zstd"] as const) {
        context.figure({ name: `stored and sent, ${records} records a batch, ${compression}`, value: Math.round((10 * batchBytes(records, compression)) / records) / 10, unit: "bytes a record" });
      }
    }
    context.note("The values are like readings: device, time, three numbers, a few words that repeat; a random part of 16 bytes. kafkajs consumes zstd by the codec of node:zlib, too.");
    context.note("bare kafkajs is not compressed: its encoder, not the network, takes its time.");
  },
});

/** Everything both sides work on: one prefix, one topic to publish to, filled topics to consume. */
class Scene {
  readonly #context: BenchContext;
  readonly #url: string;
  readonly #prefix = `bench${randomUUID().slice(0, 8)}.`;
  readonly #logs = new Map<string, EventLog>();
  readonly #kafka: Kafka;
  readonly #values = readings(20_000);
  #at = 0;
  /** Ends the consumer of the slice before, whoever's it is, outside the measured time. */
  #closeConsumer: () => Promise<void> = async () => undefined;

  constructor(context: BenchContext, url: string) {
    this.#context = context;
    this.#url = url;
    this.#kafka = new kafkajs.Kafka({ brokers: [new URL(url).host], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 10, initialRetryTime: 100 } });
  }

  async open(): Promise<void> {
    for (const compression of ["zstd", "gzip", "none"] as const) {
      const options: KafkaLogOptions = { url: `${this.#url}?prefix=${this.#prefix}&compression=${compression}` };
      const log = await openKafkaLog(options);
      this.#context.closing(() => log.close());
      this.#logs.set(compression, log);
    }
    await this.log("none").declareTopics([{ name: "publish", partitions: PARTITIONS, retentionMs: 3_600_000 }]);
    this.#context.closing(() => this.#deleteTopics());
    this.#context.closing(() => this.#closeConsumer());
  }

  log(compression: string): EventLog {
    return this.#logs.get(compression) as EventLog;
  }

  async publish(log: EventLog, count = BATCH, topic = "publish"): Promise<number> {
    await log.publish(topic, this.#next(count));
    return count;
  }

  async bareProducer(count = BATCH): Promise<Contender> {
    const producer = this.#kafka.producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
    await producer.connect();
    this.#context.closing(() => producer.disconnect());
    return {
      name: "bare kafkajs",
      batch: async () => {
        const messages = this.#next(count).map(({ key, value }) => ({ key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }));
        await producer.send({ topic: `${this.#prefix}publish`, acks: -1, messages });
        return count;
      },
    };
  }

  async filled(compression: "none" | "gzip" | "zstd"): Promise<string> {
    const topic = `filled-${compression}`;
    const log = this.log(compression);
    await log.declareTopics([{ name: topic, partitions: PARTITIONS, retentionMs: 3_600_000 }]);
    for (let done = 0; done < FILL; done += 5000) await this.publish(log, 5000, topic);
    return topic;
  }

  /** Joins before the slice; in it, takes every record of the topic once. */
  consumer(topic: string): Contender {
    let count = counter();
    return {
      name: "ours",
      before: async () => {
        await this.#closeConsumer();
        count = counter();
        const own = count;
        const consumption = await this.log("none").consume({
          topic, group: randomUUID(),
          handler: {
            handle: async ({ records }) => {
              await own.start();
              own.add(records.length);
            },
          },
        });
        this.#closeConsumer = () => consumption.close();
        await own.ready;
      },
      batch: () => count.take(),
    };
  }

  bareConsumer(topic: string): Contender {
    let count = counter();
    return {
      name: "bare kafkajs",
      before: async () => {
        await this.#closeConsumer();
        count = counter();
        const own = count;
        const consumer: Consumer = this.#kafka.consumer({ groupId: `${this.#prefix}${randomUUID()}`, maxWaitTimeInMs: 250, heartbeatInterval: 500, allowAutoTopicCreation: false });
        await consumer.connect();
        await consumer.subscribe({ topic: `${this.#prefix}${topic}`, fromBeginning: true });
        const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
          await own.start();
          own.add(batch.messages.length);
        };
        await consumer.run({ autoCommit: true, partitionsConsumedConcurrently: PARTITIONS, eachBatch });
        this.#closeConsumer = () => consumer.disconnect();
        await own.ready;
      },
      batch: () => count.take(),
    };
  }

  #next(count: number): { key: string; value: Uint8Array }[] {
    const found = [];
    for (let i = 0; i < count; i += 1) found.push(this.#values[this.#at++ % this.#values.length] as { key: string; value: Uint8Array });
    return found;
  }

  async #deleteTopics(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const own = (await admin.listTopics()).filter((topic) => topic.startsWith(this.#prefix));
    if (own.length > 0) await admin.deleteTopics({ topics: own });
    await admin.disconnect();
  }
}

interface Counter {
  /** Waits, in the first call of the handler, until the slice begins. */
  start(): Promise<void>;
  add(records: number): void;
  /** Resolves at the first call of the handler. */
  readonly ready: Promise<void>;
  /** Begins, and resolves when all is consumed; 0 the second time. */
  take(): Promise<number>;
}

function counter(): Counter {
  const first = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  let left = FILL;
  let taken = false;
  return {
    start: () => {
      first.resolve();
      return begun.promise;
    },
    add: (records) => {
      left -= records;
      if (left <= 0) all.resolve();
    },
    ready: first.promise,
    take: async () => {
      if (taken) return 0;
      taken = true;
      begun.resolve();
      await all.promise;
      return FILL;
    },
  };
}

function batchBytes(count: number, compression: "none" | "gzip" | "zstd"): number {
  const writer = new BatchWriter();
  for (const record of readings(count)) writer.add(record, mostBytes(record));
  return writer.finish(compression).length;
}

/** kafkajs takes a codec for zstd from its user. */
function registerZstd(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: async () => {
      throw new Error("not used here");
    },
    decompress: async (bytes: Buffer) => zstdDecompressSync(bytes),
  });
}
