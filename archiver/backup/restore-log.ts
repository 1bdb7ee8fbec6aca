import { CaudalError, groups, partitionOf, REPLAY_HEADER, topics, type EventLog, type LogRecord } from "@caudal/core";
import type { BackupRun } from "./backup-ports.ts";
import type { LogFrame } from "./copy-log.ts";
import type { Manifest } from "./manifest.ts";
import { readPart, type Frame } from "./part-file.ts";

/** Stands where an offset had no record: meant for a group that there is not, so that everybody passes over it. */
const HOLE: Readonly<Record<string, string>> = { [REPLAY_HEADER]: "-" };
const NOTHING = new Uint8Array(0);
const HOLES_AT_ONCE = 10_000;

/** Puts the records back at their offsets. Resolves with their number; an append time is the restore's. */
export async function restoreLog(log: EventLog, directory: string, manifest: Manifest, run: BackupRun): Promise<number> {
  const total = manifest.topics.reduce((sum, { records }) => sum + records, 0);
  let done = 0;
  for (const { topic, partitions, part } of manifest.topics) {
    for (const [partition, { startOffset }] of partitions.entries()) await log.advanceTo(topic, partition, startOffset);
    const next = partitions.map(({ startOffset }) => startOffset);
    for await (const frame of readPart(directory, part)) {
      run.signal.throwIfAborted();
      const { partition, records } = frame.header as LogFrame;
      await log.publish(topic, recordsOf(frame, next[partition] ?? 0, partitions.length));
      next[partition] = (records.at(-1)?.[0] ?? -1) + 1;
      done += records.length;
      run.progress({ done, total, unit: "records" });
    }
    await fillEnds(log, topic, next, partitions);
  }
  return done;
}

/** Positions of the groups, on all partitions. Hot and warm were rebuilt from what cold held, so they go on no later than cold does. */
export async function restorePositions(log: EventLog, manifest: Manifest): Promise<void> {
  for (const { topic, partitions, groups: positions } of manifest.topics) {
    for (const [group, offsets] of Object.entries(positions)) {
      const follows = topic === topics.measurements && (group === groups.hot || group === groups.warm);
      for (const [partition, { startOffset, endOffset }] of partitions.entries()) {
        const cold = follows ? (positions[groups.cold]?.[partition] ?? startOffset) : Infinity;
        await log.setOffset(topic, group, partition, Math.min(endOffset, Math.max(startOffset, Math.min(offsets[partition] ?? startOffset, cold))));
      }
    }
  }
}

function recordsOf({ header, body }: Frame, nextOffset: number, partitions: number): LogRecord[] {
  const { partition, records } = header as LogFrame;
  const restored: LogRecord[] = [];
  let at = 0;
  let next = nextOffset;
  for (const [offset, , key, headers, bytes] of records) {
    if (partitionOf(key, partitions) !== partition) throw new CaudalError("setting", `record ${offset} of partition ${partition} has a key that belongs to another; the number of partitions must stay`);
    for (; next < offset; next += 1) restored.push(holeOf(partition, partitions));
    const value = body.subarray(at, (at += bytes));
    restored.push(headers === null ? { key, value } : { key, value, headers });
    next = offset + 1;
  }
  return restored;
}

/** Offsets at a partition's end that had no record. */
async function fillEnds(log: EventLog, topic: string, next: readonly number[], partitions: readonly { readonly endOffset: number }[]): Promise<void> {
  for (const [partition, { endOffset }] of partitions.entries()) {
    for (let at = next[partition] ?? 0; at < endOffset; at += HOLES_AT_ONCE) {
      await log.publish(topic, Array.from({ length: Math.min(HOLES_AT_ONCE, endOffset - at) }, () => holeOf(partition, partitions.length)));
    }
  }
  for (const { partition, endOffset } of await log.bounds(topic)) {
    const wanted = partitions[partition]?.endOffset ?? 0;
    if (endOffset !== wanted) throw new CaudalError("corrupt", `${topic}/${partition} ends at ${endOffset} after the restore, and at ${wanted} in the backup`);
  }
}

function holeOf(partition: number, partitions: number): LogRecord {
  for (let number = 0; ; number += 1) if (partitionOf(String(number), partitions) === partition) return { key: String(number), value: NOTHING, headers: HOLE };
}
