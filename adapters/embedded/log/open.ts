import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { CaudalError, type EventLog } from "@caudal/core";
import type { ReaderCalls, WriterCalls } from "./calls.ts";
import { systemClock, type LogClock } from "./clock.ts";
import { EmbeddedLog } from "./embedded-log.ts";
import { WorkerClient } from "./worker-calls.ts";

const MIB = 1024 * 1024;

export interface EmbeddedLogOptions {
  /** Made when it is missing; the log is `log.db` in it. One process at a time: hold its lock (`lockDataFolder`). */
  readonly directory: string;
  readonly clock?: LogClock;
  /** How often records past their topic's retention are looked for; a minute when absent. */
  readonly retentionSweepMs?: number;
  /**
   * Bytes that the log is kept near: while it holds more, records go earlier than their topic's retention says, never before every group
   * has had them. By time alone when absent.
   */
  readonly keepBytes?: number;
  /** Bytes of publishes that may wait to be durable; more is refused with "unavailable". 128 MiB when absent. */
  readonly maxInFlightBytes?: number;
  /** Memory for the newest records, read by consumers that keep up; 16 MiB when absent. */
  readonly tailCacheBytes?: number;
  /** How long a join, a leave or a close waits for handlers that are still running; 4 s when absent. */
  readonly drainWithinMs?: number;
  /** Bytes that the file may grow to; a publish beyond fails with "storage-full". No limit when absent. */
  readonly maxFileBytes?: number;
  /** Told of each corrupt record that is met. Without it a corrupt end of a partition makes `openEmbeddedLog` fail. */
  readonly onCorruption?: (error: CaudalError) => void;
}

/**
 * Opens the log of a data folder: rows in SQLite, written by one thread and read by another, so the event loop does no file I/O.
 * After a kill it opens as it was at the last durable publish. Fails with "corrupt" or "setting" (a newer release wrote it).
 * Values of records handed out are views of shared memory: do not write to them, and copy what is kept for long.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  await mkdir(options.directory, { recursive: true });
  const path = join(options.directory, "log.db");
  const writer = startWorker<WriterCalls>("./writer-worker.ts");
  const reader = startWorker<ReaderCalls>("./reader-worker.ts");
  try {
    const state = await writer.call("open", { path, maxFileBytes: options.maxFileBytes });
    const tails = state.corruptTails.map((text) => new CaudalError("corrupt", text));
    if (options.onCorruption === undefined && tails[0] !== undefined) throw tails[0];
    await reader.call("open", { path });
    for (const error of tails) options.onCorruption?.(error);
    return new EmbeddedLog({
      writer, reader, state,
      clock: options.clock ?? systemClock,
      retentionSweepMs: options.retentionSweepMs ?? 60_000,
      keepBytes: options.keepBytes,
      drainWithinMs: options.drainWithinMs ?? 4000,
      maxInFlightBytes: options.maxInFlightBytes ?? 128 * MIB,
      tailCacheBytes: options.tailCacheBytes ?? 16 * MIB,
      onCorruption: options.onCorruption ?? (() => undefined),
    });
  } catch (error) {
    await Promise.all([writer.terminate(), reader.terminate()]);
    throw error;
  }
}

function startWorker<C extends WriterCalls | ReaderCalls>(entry: string): WorkerClient<C> {
  // The host's own flags (test runner, inspector) are not for these threads.
  return new WorkerClient<C>(new Worker(new URL(entry, import.meta.url), { execArgv: [] }));
}
