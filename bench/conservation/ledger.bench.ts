import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groups, topics, topicSpecs, type Assignment, type RecordBatch, type StoredRecord } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, createTierSink, Findings, keepLedger, silentLogger, type CountedHandler } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { defineBenchmark, type BenchContext, type Contender } from "../harness/benchmark.ts";

const RECORDS = 500;
const POINTS = 200;
const START_US = 1_767_225_600_000_000;
const DAY_MS = 24 * 3600 * 1000;

/** Batches of measurements as the log hands them over, one after the other without end; three facts each, so many points in turn. */
class Batches {
  readonly #codec: Codec;
  #offset = 0;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  next(): RecordBatch {
    const records = Array.from({ length: RECORDS }, (): StoredRecord => {
      const offset = this.#offset++;
      const timeUs = START_US + Math.floor(offset / POINTS) * 60_000_000;
      const facts = ["flow", "level", "total"].map((variable, at) => ({ variable, value: offset / (at + 1), flag: 1, reasons: [] }));
      const point = `point-${offset % POINTS}`;
      const value = this.#codec.encode("Measurement", {
        eventId: `e${offset}`, client: "acme", point, device: "d", channel: "", source: "mqtt", transport: "mqtt", instantUs: timeUs, observedAtUs: timeUs, receivedAtUs: timeUs,
        authority: 0, knownAtUs: timeUs, causeId: "c", facts, labels: {},
      });
      return { offset, key: point, value, appendedAtUs: timeUs, headers: {} };
    });
    return { topic: topics.measurements, partition: 0, records, nextOffset: this.#offset, endOffset: this.#offset };
  }
}

const assignment = (group: string): Assignment => ({
  topic: topics.measurements, group, partition: 0, generation: 1, signal: new AbortController().signal, commit: async () => undefined, heartbeat: async () => undefined,
});

async function open(context: BenchContext): Promise<{ ours: Contender; baseline: Contender }> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-bench-ledger-"));
  context.closing(() => rm(directory, { recursive: true, force: true }));
  const [log, documents, codec] = await Promise.all([openEmbeddedLog({ directory }), openEmbeddedDocuments({ directory }), Codec.open(openFileRegistry())]);
  context.closing(() => Promise.all([log.close(), documents.close()]));
  await log.declareTopics(topicSpecs(1));
  const metrics = createMetrics({ process: false });
  const sinkOn = async (name: string): Promise<CountedHandler> => {
    const tier = await openEmbeddedTier({ name: "hot", directory: join(directory, name), retentionMs: 3 * DAY_MS, revisions: "latest" });
    context.closing(() => tier.close());
    return createTierSink({ group: groups.hot, tier, codec, parker: createParker({ log, codec, metrics }) });
  };
  const kept = keepLedger({ group: groups.hot, handler: await sinkOn("ours"), log, documents, findings: new Findings({ documents, logger: silentLogger, metrics }), logger: silentLogger, metrics });
  const owner = assignment(groups.hot);
  await kept.assigned?.(owner);
  context.closing(() => kept.revoked?.(owner, false));
  const bare = await sinkOn("bare");
  const counted = { in: metrics.counter("caudal_facts_in_total"), out: metrics.counter("caudal_facts_out_total") };
  const [mine, theirs] = [new Batches(codec), new Batches(codec)];
  return {
    ours: {
      name: "with a ledger",
      batch: async () => {
        await kept.handle(mine.next(), owner);
        return RECORDS;
      },
    },
    baseline: {
      name: "counted in metrics alone",
      batch: async () => {
        const { tally } = await bare.handle(theirs.next(), owner);
        const { in: came, out } = tally.body();
        counted.in.inc({ group: "bare" }, came);
        for (const [outcome, count] of Object.entries(out)) counted.out.inc({ group: "bare", outcome, reason: "" }, count);
        return RECORDS;
      },
    },
  };
}

export const benchmark = defineBenchmark({
  name: "conservation-ledger",
  about: "A tier's sink with its ledger against the same sink with counters in memory, on the embedded hot tier: batches of 500 measurements of three facts.",
  needs: [],
  async run(context) {
    await context.compare({ name: "sink into hot", unit: "records", ...(await open(context)), leastRatio: 0.9 });
  },
});
