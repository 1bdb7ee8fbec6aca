import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { groups, pointCollection, systemScope, topics, topicSpecs, type Documents, type EventLog, type SeriesTier, type TierName } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, createTierSink, Findings, keepLedger, silentLogger, startConsumer, systemClock, type Consumer, type Metrics } from "@caudal/runtime";
import { Codec, type Fact, type Measurement } from "@caudal/schemas";
import { createConservationWatch, type ConservationWatch } from "./watch.ts";

const CLIENT = "acme";
const PARTITIONS = 2;
const DAY_MS = 24 * 3600 * 1000;
const tierNames = ["hot", "warm", "cold"] as const satisfies readonly TierName[];
const groupOf = { hot: groups.hot, warm: groups.warm, cold: groups.cold } as const;

export interface SinkOptions {
  readonly tier?: SeriesTier;
  readonly codec?: Codec;
  /** What the owner has in memory is gone when it closes, as with a process that was killed. */
  readonly crashes?: boolean;
}

/** Three tiers with their groups, ledgers and watch, on real engines; measurements are published by the test. */
export class TierScene {
  readonly folder: string;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly codec: Codec;
  readonly metrics: Metrics = createMetrics({ process: false });
  readonly findings: Findings;
  readonly tiers: Record<TierName, SeriesTier>;
  readonly consumers = new Map<TierName, Consumer>();
  #published = 0;

  private constructor(parts: { folder: string; log: EventLog; documents: Documents; codec: Codec; tiers: Record<TierName, SeriesTier> }) {
    this.folder = parts.folder;
    this.log = parts.log;
    this.documents = parts.documents;
    this.codec = parts.codec;
    this.tiers = parts.tiers;
    this.findings = new Findings({ documents: parts.documents, logger: silentLogger, metrics: this.metrics });
  }

  static async open(context: TestContext): Promise<TierScene> {
    const folder = await mkdtemp(join(tmpdir(), "caudal-conservation-"));
    const [log, documents, codec] = await Promise.all([openEmbeddedLog({ directory: folder }), openEmbeddedDocuments({ directory: folder }), Codec.open(openFileRegistry())]);
    await log.declareTopics(topicSpecs(PARTITIONS));
    const [hot, warm, cold] = await Promise.all(tierNames.map((name) => openTier(folder, name)));
    const scene = new TierScene({ folder, log, documents, codec, tiers: { hot: hot!, warm: warm!, cold: cold! } });
    context.after(() => scene.#close());
    return scene;
  }

  /** Facts of so many points, a measurement an instant, all of this minute. */
  async publish(points: number, instants = 1, over: { readonly facts?: readonly Fact[]; readonly ageS?: number } = {}): Promise<void> {
    const collection = await this.documents.collection<object>(pointCollection);
    await collection.putMany(systemScope, Array.from({ length: points }, (_, at) => ({ id: `p${at}`, body: { client: CLIENT, point: `p${at}` } })));
    const nowUs = Date.now() * 1000 - (over.ageS ?? 0) * 1e6;
    const list: Measurement[] = [];
    for (let instant = 0; instant < instants; instant++) {
      for (let point = 0; point < points; point++) {
        const knownAtUs = nowUs + this.#published++;
        const facts = over.facts ?? [{ variable: "flow", value: instant, flag: 1, reasons: [] }, { variable: "level", value: point, flag: 1, reasons: [] }];
        list.push({
          eventId: `m${this.#published}`, client: CLIENT, point: `p${point}`, device: "d", channel: "", source: "http", transport: "http", instantUs: knownAtUs, observedAtUs: knownAtUs,
          receivedAtUs: knownAtUs, authority: 0, knownAtUs, causeId: "c", facts: [...facts], labels: {},
        });
      }
    }
    await this.log.publish(topics.measurements, list.map((one) => ({ key: one.point, value: this.codec.encode("Measurement", one) })));
  }

  async sink(name: TierName, { tier = this.tiers[name], codec = this.codec, crashes = false }: SinkOptions = {}): Promise<void> {
    const { log, documents, metrics, findings } = this;
    const group = groupOf[name];
    const handler = createTierSink({ group, tier, codec, parker: createParker({ log, codec, metrics }) });
    const kept = keepLedger({ group, handler, log, documents, findings, logger: silentLogger, metrics, pace: { everyMs: 20 } });
    const { revoked: _stored, ...killed } = kept;
    this.consumers.set(name, await startConsumer({ log, topic: topics.measurements, group, handler: crashes ? killed : kept, logger: silentLogger, metrics, retryBaseMs: 5, retryCapMs: 20 }));
  }

  async stop(name: TierName): Promise<void> {
    await this.consumers.get(name)?.close(1000);
    this.consumers.delete(name);
  }

  /** Opens a tier again after something was done to its file. */
  async reopen(name: TierName, meanwhile: (file: string) => void): Promise<void> {
    await this.tiers[name].close();
    meanwhile(join(this.folder, `${name}.sqlite`));
    this.tiers[name] = await openTier(this.folder, name);
  }

  watch(tiers: Record<TierName, SeriesTier> = this.tiers): ConservationWatch {
    const { log, codec, documents, findings, metrics } = this;
    return createConservationWatch({ tiers, log, codec, documents, findings, clock: systemClock, logger: silentLogger, metrics, owned: () => [0, 1], everyMs: 30, waitMs: 500 });
  }

  async drained(): Promise<void> {
    await this.until("every sink has drained", async () => (await Promise.all([...this.consumers.values()].map((consumer) => consumer.lag()))).every((lag) => lag === 0));
    // Ledgers are stored a little later.
    await this.until("every ledger is stored", async () => {
      const ends = await this.log.bounds(topics.measurements);
      const ledgers = await this.documents.collection<{ group: string; partition: number; offset: number }>({ name: "conservation-ledgers", tenant: false });
      const { items } = await ledgers.find(systemScope, {});
      return items.filter(({ body }) => [...this.consumers.keys()].some((name) => groupOf[name] === body.group)).every(({ body }) => body.offset === (ends[body.partition]?.endOffset ?? 0));
    });
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 8000;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** What was found, as [check, group, missing]. */
  async found(): Promise<readonly (readonly [string, string, number])[]> {
    return (await this.findings.open()).map(({ body: { check, group, missing } }) => [check, group, missing] as const).sort();
  }

  async #close(): Promise<void> {
    for (const name of tierNames) await this.stop(name);
    await this.log.close();
    await Promise.all([this.documents.close(), ...tierNames.map((name) => this.tiers[name].close())]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

function openTier(directory: string, name: TierName): Promise<SeriesTier> {
  const days = { hot: 3, warm: 30, cold: null }[name];
  return openEmbeddedTier({ name, directory, retentionMs: days === null ? null : days * DAY_MS, revisions: name === "cold" ? "all" : "latest", maxPendingFacts: 1 });
}
