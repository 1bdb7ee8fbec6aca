import { CaudalError, type Tell } from "@caudal/core";
import { isFinal, kindOf, toCaudal } from "../wire/failure.ts";
import { errorOfCode } from "../wire/kafkajs.ts";
import type { Batch } from "./batch.ts";
import type { PartitionQueue } from "./partition-queue.ts";

/** The broker lost count of this producer: only a new one can go on. */
const sessionIsOver = new Set(["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING"]);
/** Final elsewhere; here the topic was there when it was published to. */
const mayPass = new Set(["UNKNOWN_TOPIC_OR_PARTITION"]);

export interface OutcomesParts {
  readonly forgetSession: () => void;
  readonly publishWithinMs: number;
  readonly tell: Tell;
}

/** What becomes of a batch: durable, refused, to be sent again, given up. */
export class Outcomes {
  readonly #parts: OutcomesParts;

  constructor(parts: OutcomesParts) {
    this.#parts = parts;
  }

  /** Takes the broker's code for the queue's first batch; false when it is to be sent again. */
  settle(queue: PartitionQueue, code: number | undefined): boolean {
    const batch = queue.head;
    if (batch === undefined || code === undefined) return false;
    const error = code === 0 ? undefined : errorOfCode(code);
    const kind = kindOf(error);
    if (error === undefined || kind === "DUPLICATE_SEQUENCE_NUMBER") {
      batch.sentAs?.session.advance(queue.place, batch.count);
      queue.shift();
      for (const call of batch.calls) call.landed();
      return true;
    }
    queue.lastError = error;
    if (sessionIsOver.has(kind)) {
      this.#parts.forgetSession();
      return false;
    }
    if (mayPass.has(kind) || (error.retriable && !isFinal(error))) return false;
    queue.shift();
    refuse(batch, toCaudal(error, `publish to ${queue.topic}`));
    return true;
  }

  /** Gives up what was tried for too long, oldest first. */
  giveUpOld(queue: PartitionQueue): void {
    for (let batch = queue.head; batch !== undefined && performance.now() - batch.madeAtMs > this.#parts.publishWithinMs; batch = queue.head) {
      // A sequence that may be taken by these records must not be used for others.
      if (batch.sentAs !== undefined) this.#parts.forgetSession();
      queue.shift();
      this.#parts.tell("kafka.publish-given-up", { topic: queue.topic, partition: queue.partition, records: batch.count, unknown: batch.sentAs !== undefined });
      const cause = queue.lastError;
      const why = cause === undefined ? "the broker did not answer" : toCaudal(cause, "publish").message;
      refuse(batch, cause !== undefined && isFinal(cause) ? toCaudal(cause, `publish to ${queue.topic}`) : undefined, why);
    }
  }
}

function refuse(batch: Batch, error: CaudalError | undefined, why = ""): void {
  for (const call of batch.calls) {
    const unknown = batch.sentAs !== undefined || call.begun;
    call.failed(error ?? new CaudalError(unknown ? "timeout" : "unavailable", why));
  }
}
