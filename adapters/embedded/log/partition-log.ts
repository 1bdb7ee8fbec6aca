import { Bell, type PartitionBounds } from "@caudal/core";
import type { PartitionRow } from "./calls.ts";
import { Tail } from "./tail-cache.ts";

/** What the main thread knows of a partition: only what is durable. */
export class PartitionLog {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly tail = new Tail();
  /** Rings when the end or the start moves, and when the log closes. */
  readonly moved = new Bell();
  #startOffset: number;
  #endOffset: number;

  constructor(row: PartitionRow) {
    this.id = row.id;
    this.topic = row.topic;
    this.partition = row.partition;
    this.#startOffset = row.startOffset;
    this.#endOffset = row.endOffset;
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  bounds(): PartitionBounds {
    return { partition: this.partition, startOffset: this.#startOffset, endOffset: this.#endOffset };
  }

  raiseEnd(endOffset: number): void {
    this.#endOffset = endOffset;
    this.moved.ring();
  }

  raiseStart(startOffset: number): void {
    if (startOffset <= this.#startOffset) return;
    this.#startOffset = startOffset;
    this.moved.ring();
  }
}

/** A declared topic. */
export interface TopicLog {
  readonly name: string;
  readonly retentionMs: number | null;
  readonly partitions: readonly PartitionLog[];
}
