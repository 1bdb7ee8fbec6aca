import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { eventually as poll, type EventLogHarness } from "@caudal/contract-tests";
import type { EventLog, StoredRecord } from "@caudal/core";
import type { KafkaLog } from "./kafka-log.ts";
import { openLog, type KafkaLogOptions } from "./open.ts";

/** Short times, for servers on this machine. */
export const quickTiming = { heartbeatMs: 100, sessionTimeoutMs: 2000, rebalanceTimeoutMs: 4000, drainWithinMs: 300, stuckAfterMs: 10_000, answerWithinMs: 5000 } as const;

/** The URL with a prefix of its own, so that tests on one broker do not meet. */
export function ownUrl(url: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}prefix=t${randomUUID().slice(0, 8)}.`;
}

export function kafkaHarness(url: string, options: Partial<KafkaLogOptions> = {}): EventLogHarness {
  const opened: KafkaLog[] = [];
  const own = ownUrl(url);
  const open = async (): Promise<KafkaLog> => {
    const log = await openLog({ url: own, timing: quickTiming, ...options });
    opened.push(log);
    return log;
  };
  return {
    open,
    openSecond: open,
    crash: async () => opened.at(-1)?.cut(),
    dispose: async () => {
      await Promise.all(opened.map((log) => log.close()));
    },
  };
}

/** Every record of a topic, in partition order. */
export async function readAll(log: EventLog, topic: string): Promise<StoredRecord[]> {
  const all: StoredRecord[] = [];
  for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
    for (let fromOffset = startOffset; fromOffset < endOffset; ) {
      const batch = await log.read({ topic, partition, fromOffset, maxBytes: 8 * 1024 * 1024, maxRecords: 5000 });
      all.push(...batch.records);
      fromOffset = batch.nextOffset;
    }
  }
  return all;
}

/** Polls until the check passes; fails with its last error. */
export function eventually(check: () => void | Promise<void>, withinMs = 10_000): Promise<void> {
  return poll(check, withinMs);
}

export const textOf = (value: Uint8Array): string => new TextDecoder().decode(value);
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Fails, naming a few, when some of the expected are missing. */
export function mustHold(found: ReadonlySet<string>, expected: readonly string[], what: string): void {
  const missing = expected.filter((each) => !found.has(each));
  assert.equal(missing.length, 0, `${what}: ${missing.length} of ${expected.length} are missing, as ${missing.slice(0, 5).join(", ")}`);
}
