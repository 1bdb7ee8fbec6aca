import type { LogRecord } from "@caudal/core";
import type { Compression } from "../address/parse-url.ts";
import { BatchWriter, stampBatch, type Stamp } from "../records/batch-writer.ts";
import type { ProducerSession } from "./producer-session.ts";

/** One `publish` that waits for its records to be durable. */
export class Call {
  readonly bytes: number;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  #batches = 0;
  #durable = false;
  #settled = false;

  constructor(bytes: number, resolve: () => void, reject: (error: Error) => void) {
    this.bytes = bytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** True once some of its records are durable while others may not be. */
  get begun(): boolean {
    return this.#durable;
  }

  get settled(): boolean {
    return this.#settled;
  }

  joins(): void {
    this.#batches += 1;
  }

  /** A batch with records of this call is durable. */
  landed(): void {
    this.#batches -= 1;
    this.#durable = true;
    if (this.#batches > 0 || this.#settled) return;
    this.#settled = true;
    this.#resolve();
  }

  failed(error: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
  }
}

/** Records of many calls for one partition, sent and acknowledged together. Once sent, its bytes never change. */
export class Batch {
  readonly calls: Call[] = [];
  readonly madeAtMs = performance.now();
  readonly #writer: BatchWriter;
  #bytes: Buffer | undefined;
  /** The session and sequence that it was sent with; undefined when it never was. */
  sentAs: { readonly session: ProducerSession; readonly sequence: number } | undefined;

  constructor(bytes: number) {
    this.#writer = new BatchWriter(bytes);
  }

  get count(): number {
    return this.#writer.count;
  }

  get bytes(): number {
    return this.#writer.bytes;
  }

  get sealed(): boolean {
    return this.#bytes !== undefined;
  }

  add(record: LogRecord, most: number, call: Call): void {
    if (this.calls.at(-1) !== call) {
      this.calls.push(call);
      call.joins();
    }
    this.#writer.add(record, most);
  }

  /** The bytes to send. */
  stamped(stamp: Stamp, compression: Compression): Buffer {
    this.#bytes ??= this.#writer.finish(compression);
    stampBatch(this.#bytes, stamp);
    return this.#bytes;
  }
}
