import { CaudalError, groups, hasCode, topics, type Documents, type EventLog, type RecordBatch } from "@caudal/core";
import { ledgerCollection, type LedgerBody } from "@caudal/runtime";
import { readWireHeader } from "@caudal/schemas";
import type { BackupPorts } from "./backup-ports.ts";
import { pagesOf } from "./copy-documents.ts";
import type { Manifest } from "./manifest.ts";
import { PartWriter } from "./part-file.ts";

/** Who reads which topic: a group that never committed yet needs it from its start. */
const readers: Readonly<Record<string, readonly string[]>> = {
  [topics.readings]: [groups.mapping, groups.archiveReadings],
  [topics.points]: [groups.judging, groups.archivePoints],
  [topics.measurements]: [groups.hot, groups.warm, groups.cold, groups.rollups],
  [topics.devices]: [groups.devices],
  [topics.parked]: [groups.parked],
};

const READ_RECORDS = 1000;
const READ_BYTES = 1024 * 1024;

/** Of a log frame: the partition and, record by record, offset, append time, key, headers (null without) and bytes of the value in the body. */
export interface LogFrame {
  readonly partition: number;
  readonly records: readonly (readonly [offset: number, appendedAtUs: number, key: string, headers: Readonly<Record<string, string>> | null, bytes: number])[];
}

interface TopicCopy {
  readonly topic: string;
  readonly groups: Readonly<Record<string, readonly number[]>>;
  readonly starts: readonly number[];
  readonly next: number[];
  readonly part: PartWriter;
  records: number;
}

/**
 * Copies the log from the lowest position of its groups on, and caudal.parked whole. The positions are taken when it is opened, before anything else of
 * a backup; `catchUp` copies to where the log ends at that moment, now and then while the rest is copied and once more at the end.
 */
export class LogCopy {
  readonly #log: EventLog;
  readonly #topics: readonly TopicCopy[];
  /** Ids that records carry. */
  readonly schemaIds = new Set<number>();

  private constructor(log: EventLog, copies: readonly TopicCopy[]) {
    this.#log = log;
    this.#topics = copies;
  }

  static async open({ log, documents }: Pick<BackupPorts, "log" | "documents">, directory: string): Promise<LogCopy> {
    const ledgers = await ledgersOf(documents);
    const positions = [];
    for (const topic of Object.values(topics)) positions.push(await positionsOf(log, topic, ledgers));
    return new LogCopy(log, positions.map(({ topic, starts, ...more }) => ({ topic, starts, ...more, next: [...starts], part: new PartWriter(directory, `log.${topic}.zst`), records: 0 })));
  }

  get records(): number {
    return this.#topics.reduce((sum, { records }) => sum + records, 0);
  }

  /** Fails with "unavailable" when the log let go of records that were not copied yet: the backup is then begun anew. */
  async catchUp(signal: AbortSignal): Promise<void> {
    // What was made of a record before the record itself: a measurement in the backup has its reading there too.
    for (const copy of [...this.#topics].reverse()) {
      for (const { partition, endOffset } of await this.#log.bounds(copy.topic)) {
        while ((copy.next[partition] ?? 0) < endOffset) {
          signal.throwIfAborted();
          const batch = await this.#read(copy.topic, partition, copy.next[partition] ?? 0);
          if (batch.nextOffset <= (copy.next[partition] ?? 0)) break;
          await this.#add(copy, batch);
          copy.next[partition] = batch.nextOffset;
        }
      }
    }
  }

  async close(): Promise<Manifest["topics"]> {
    const closed: Manifest["topics"] = [];
    for (const { topic, groups: positions, starts, next, part, records } of this.#topics) {
      const partitions = starts.map((startOffset, partition) => ({ startOffset, endOffset: next[partition] ?? startOffset }));
      closed.push({ topic, partitions, groups: Object.fromEntries(Object.entries(positions).map(([group, offsets]) => [group, [...offsets]])), records, part: await part.close() });
    }
    return closed;
  }

  async abandon(): Promise<void> {
    await Promise.all(this.#topics.map(({ part }) => part.abandon()));
  }

  async #read(topic: string, partition: number, fromOffset: number): Promise<RecordBatch> {
    try {
      return await this.#log.read({ topic, partition, fromOffset, maxRecords: READ_RECORDS, maxBytes: READ_BYTES, waitMs: 0 });
    } catch (error) {
      if (!hasCode(error, "offset-out-of-range")) throw error;
      throw new CaudalError("unavailable", `the log let go of ${topic}/${partition} at ${fromOffset} before it was copied`, { cause: error });
    }
  }

  async #add(copy: TopicCopy, { partition, records }: RecordBatch): Promise<void> {
    if (records.length === 0) return;
    for (const { value } of records) {
      const header = readWireHeader(value);
      if (header.ok) this.schemaIds.add(header.schemaId);
    }
    const frame: LogFrame = { partition, records: records.map(({ offset, appendedAtUs, key, headers, value }) => [offset, appendedAtUs, key, Object.keys(headers).length === 0 ? null : headers, value.length]) };
    await copy.part.add(frame, records.map(({ value }) => value));
    copy.records += records.length;
  }
}

/** Where stored ledgers stand: their groups go on from there, which may be behind what they committed. */
async function ledgersOf(documents: Documents): Promise<readonly LedgerBody[]> {
  const ledgers: LedgerBody[] = [];
  for await (const page of pagesOf(documents, ledgerCollection)) ledgers.push(...page.map(({ body }) => body as LedgerBody));
  return ledgers;
}

async function positionsOf(log: EventLog, topic: string, ledgers: readonly LedgerBody[]): Promise<Pick<TopicCopy, "topic" | "groups" | "starts">> {
  const committed = await log.groups(topic);
  const positions: Record<string, readonly number[]> = {};
  for (const group of committed) positions[group] = (await log.lag(topic, group)).map(({ committedOffset }) => committedOffset);
  const isWhole = topic === topics.parked || (readers[topic] ?? []).some((group) => !committed.includes(group));
  const starts = (await log.bounds(topic)).map(({ partition, startOffset, endOffset }) => {
    const stored = ledgers.filter((ledger) => ledger.topic === topic && ledger.partition === partition).map(({ offset }) => offset);
    const lowest = Math.min(endOffset, ...stored, ...Object.values(positions).map((offsets) => offsets[partition] ?? startOffset));
    return isWhole ? startOffset : Math.max(startOffset, lowest);
  });
  return { topic, groups: positions, starts };
}
