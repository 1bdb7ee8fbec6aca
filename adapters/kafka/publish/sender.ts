import type { Tell } from "@caudal/core";
import type { Compression } from "../address/parse-url.ts";
import { WireLost } from "../wire/failure.ts";
import type { Link } from "../wire/link.ts";
import { produceTo, type ProducePlace } from "../wire/produce.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import { ProducerSession } from "./producer-session.ts";

export interface SenderParts {
  readonly link: Link;
  readonly compression: Compression;
  readonly answerWithinMs: number;
  readonly tell: Tell;
}

/** Sends the first batch of each queue to the broker that leads it. */
export class Sender {
  readonly #parts: SenderParts;
  #session: Promise<ProducerSession> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** A later batch is sent by a new producer: a sequence of this one may be taken by records that are given up. */
  forgetSession(): void {
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#parts.tell("kafka.producer-replaced");
  }

  /** The broker's code for each queue's batch. A failure leaves open what became of them. */
  async send(node: number, queues: readonly PartitionQueue[]): Promise<ReadonlyMap<PartitionQueue, number>> {
    const { link, answerWithinMs } = this.#parts;
    const wire = await link.node(node);
    const session = await this.#begun();
    const places = queues.map((queue) => this.#place(queue, session));
    const answer = await produceTo(wire, places, answerWithinMs);
    const codes = new Map(answer.map(({ topic, partition, errorCode }) => [`${topic}/${partition}`, errorCode]));
    return new Map(
      queues.map((queue) => {
        const code = codes.get(queue.place);
        if (code === undefined) throw new WireLost(`the broker's answer does not name ${queue.place}`);
        return [queue, code];
      }),
    );
  }

  #place(queue: PartitionQueue, session: ProducerSession): ProducePlace {
    const batch = queue.head;
    if (batch === undefined) throw new Error(`${queue.place} has nothing to send`);
    if (batch.sentAs?.session !== session) batch.sentAs = { session, sequence: session.sequence(queue.place) };
    const { producerId, producerEpoch } = session;
    return { topic: queue.topic, partition: queue.partition, batch: batch.stamped({ producerId, producerEpoch, sequence: batch.sentAs.sequence }, this.#parts.compression) };
  }

  #begun(): Promise<ProducerSession> {
    if (this.#session === undefined) {
      const session = ProducerSession.begin(this.#parts.link);
      this.#session = session;
      session.catch(() => {
        if (this.#session === session) this.#session = undefined;
      });
    }
    return this.#session;
  }
}
