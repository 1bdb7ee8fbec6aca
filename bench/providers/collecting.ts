import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topicSpecs } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, silentLogger, type Clock, type Metrics } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { Edge } from "../../collector/edge/edge.ts";
import { Presence } from "../../collector/edge/presence.ts";
import { Receipts } from "../../collector/edge/receipts.ts";
import { Polling } from "../../collector/polling/polling.ts";
import type { Account } from "../../collector/providers/account.ts";
import type { BenchContext } from "../harness/benchmark.ts";

/** A collector's polling over an embedded log and documents of its own, started; it ends with the benchmark. */
export async function openCollecting(context: BenchContext, { accounts, clock, scheduled }: { readonly accounts: readonly Account[]; readonly clock: Clock; readonly scheduled: boolean }): Promise<{ readonly polling: Polling; readonly metrics: Metrics }> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-bench-poll-"));
  context.closing(() => rm(directory, { recursive: true, force: true }));
  const [log, documents, codec] = await Promise.all([openEmbeddedLog({ directory }), openEmbeddedDocuments({ directory }), Codec.open(openFileRegistry())]);
  context.closing(() => Promise.all([log.close(), documents.close()]));
  await log.declareTopics(topicSpecs(6));
  const metrics = createMetrics({ process: false });
  const presence = new Presence({ log, codec, clock, logger: silentLogger });
  context.closing(() => presence.close());
  const edge = new Edge({ log, codec, metrics, presence, parker: createParker({ log, codec, metrics }) });
  const polling = new Polling({ accounts, edge, receipts: new Receipts(), documents, clock, logger: silentLogger, metrics, scheduled });
  await polling.start();
  context.closing(() => polling.stop(2000));
  return { polling, metrics };
}
