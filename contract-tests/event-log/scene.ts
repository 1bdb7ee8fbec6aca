import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Assignment, EventLog, LogRecord, PartitionHandler, RecordBatch, StoredRecord } from "@caudal/core";
import { eventually } from "../eventually.ts";
import type { EventLogHarness, EventLogQuirk, EventLogSuiteOptions } from "./harness.ts";

export interface TopicOptions {
  readonly partitions?: number;
  readonly retentionMs?: number | null;
}

/** Everything a test of the suite works with. */
export class Scene {
  readonly harness: EventLogHarness;
  readonly options: EventLogSuiteOptions;
  #log: EventLog | undefined;
  #others: EventLog[] = [];

  constructor(harness: EventLogHarness, options: EventLogSuiteOptions) {
    this.harness = harness;
    this.options = options;
  }

  get log(): EventLog {
    assert.ok(this.#log, "the scene is open");
    return this.#log;
  }

  async open(): Promise<void> {
    this.#log = await this.harness.open();
  }

  /** A second instance where the adapter has that, else the first. */
  async second(): Promise<EventLog> {
    if (this.harness.openSecond === undefined) return this.log;
    const log = await this.harness.openSecond();
    this.#others.push(log);
    return log;
  }

  async reopen(): Promise<void> {
    await this.log.close();
    await this.open();
  }

  async crash(): Promise<void> {
    assert.ok(this.harness.crash, "an adapter that cannot crash says so as a quirk");
    await this.harness.crash(this.log);
    await this.open();
  }

  async close(): Promise<void> {
    await Promise.all(this.#others.map((log) => log.close()));
    await this.#log?.close();
  }

  /** Declares a topic that no other test uses. */
  async topic({ partitions = 4, retentionMs = null }: TopicOptions = {}): Promise<string> {
    const name = `suite.${randomUUID()}`;
    await this.log.declareTopics([{ name, partitions, retentionMs }]);
    return name;
  }

  /** Polls until the check passes; fails with its last error. */
  eventually(check: () => void | Promise<void>): Promise<void> {
    return eventually(check, this.options.deadlineMs);
  }

  /** All records of a topic by reading, in partition order. */
  async readAll(topic: string): Promise<StoredRecord[]> {
    const all: StoredRecord[] = [];
    for (const { partition, startOffset, endOffset } of await this.log.bounds(topic)) {
      for (let fromOffset = startOffset; fromOffset < endOffset; ) {
        const batch = await this.log.read({ topic, partition, fromOffset });
        assert.ok(batch.nextOffset > fromOffset, "a read moves on");
        all.push(...batch.records);
        fromOffset = batch.nextOffset;
      }
    }
    return all;
  }

  /** Sum of the group's lag over all partitions. */
  async lag(topic: string, group: string): Promise<number> {
    return (await this.log.lag(topic, group)).reduce((sum, { lag }) => sum + lag, 0);
  }
}

/** Registers one test with a scene of its own; a quirk of the adapter makes it a skip with the adapter's reason. */
export type SceneTest = (name: string, body: (scene: Scene) => Promise<void>, needs?: EventLogQuirk) => void;

export function sceneTests(factory: () => Promise<EventLogHarness>, options: EventLogSuiteOptions): SceneTest {
  return (name, body, needs) => {
    const skip = needs === undefined ? undefined : options.quirks?.[needs];
    test(name, { skip: skip ?? false, timeout: 12 * (options.deadlineMs ?? 5000) }, async () => {
      const scene = new Scene(await factory(), options);
      try {
        await scene.open();
        await body(scene);
      } finally {
        await scene.close().finally(() => scene.harness.dispose());
      }
    });
  };
}

/** A handler that keeps what it was given and fails a test that sees it called twice at once for a partition. */
export class Recorder implements PartitionHandler {
  readonly batches: RecordBatch[] = [];
  readonly gained: Assignment[] = [];
  readonly revocations: { readonly assignment: Assignment; readonly lost: boolean }[] = [];
  readonly #busy = new Set<number>();
  overlapped = false;

  async assigned(assignment: Assignment): Promise<number | undefined> {
    this.gained.push(assignment);
    return undefined;
  }

  async handle(batch: RecordBatch, assignment: Assignment): Promise<void> {
    if (this.#busy.has(batch.partition)) this.overlapped = true;
    this.#busy.add(batch.partition);
    try {
      await this.work(batch, assignment);
      this.batches.push(batch);
    } finally {
      this.#busy.delete(batch.partition);
    }
  }

  async revoked(assignment: Assignment, lost: boolean): Promise<void> {
    this.revocations.push({ assignment, lost });
  }

  /** What a test wants done with a batch before it counts as handled. */
  work: (batch: RecordBatch, assignment: Assignment) => Promise<void> = async () => undefined;

  /** Texts of all values handled, in order of handling. */
  values(): string[] {
    return this.batches.flatMap((batch) => batch.records.map((record) => textOf(record.value)));
  }
}

/** A door that handlers wait at until a test opens it. */
export class Door {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

export function record(key: string, text: string): LogRecord {
  return { key, value: new TextEncoder().encode(text) };
}

export function textOf(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

/** `count` records over many keys; values are prefix0, prefix1 … */
export function numbered(count: number, prefix = "r"): LogRecord[] {
  return Array.from({ length: count }, (_, i) => record(`key-${i % 17}`, `${prefix}${i}`));
}

export function byNumber(values: readonly string[]): string[] {
  return [...values].sort((a, b) => Number(a.replace(/\D+/g, "")) - Number(b.replace(/\D+/g, "")));
}
