import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemScope, type Documents, type EventLog, type PartitionHandler, type RecordBatch } from "@caudal/core";
import { Findings, type Residual } from "../conservation/findings.ts";
import { keepLedger, type CountedHandler } from "../conservation/keep-ledger.ts";
import { openLedgers } from "../conservation/ledger.ts";
import type { LedgerBody } from "../conservation/line.ts";
import { residualOf, Tally } from "../conservation/tally.ts";
import { silentLogger } from "../log/logger.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { startConsumer, type Consumer } from "../consumer/start-consumer.ts";

/** Longer than on the embedded log: a broker takes its time to deal partitions anew. */
const WITHIN_MS = 15_000;

async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = performance.now() + WITHIN_MS;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const GROUP = "counting";
const TOPIC = "counted";

export interface LedgerStage {
  readonly log: EventLog;
  readonly documents: Documents;
}

/** Every record is one fact; a repeated one is a duplicate. */
export function counting(seen: Map<string, number>): CountedHandler {
  return {
    handle: async ({ records }) => {
      const tally = new Tally();
      tally.came(records.length);
      for (const { key, offset, value } of records) {
        const id = `${key}/${offset}/${Buffer.from(value).toString()}`;
        tally.went(seen.has(id) ? "duplicate" : "stored", 1);
        seen.set(id, (seen.get(id) ?? 0) + 1);
      }
      return { tally, records: records.length, offsets: records.map(({ offset }) => offset), facts: records.map(() => 1), unread: [] };
    },
  };
}

export class LedgerScene {
  readonly stage: LedgerStage;
  readonly seen = new Map<string, number>();
  readonly metrics = createMetrics({ process: false });
  readonly findings: Findings;
  readonly #context: TestContext;
  #published = 0;

  constructor(context: TestContext, stage: LedgerStage) {
    this.#context = context;
    this.stage = stage;
    this.findings = new Findings({ documents: stage.documents, logger: silentLogger, metrics: this.metrics });
  }

  async publish(count: number): Promise<void> {
    await this.stage.log.publish(TOPIC, Array.from({ length: count }, () => ({ key: `k${this.#published % 7}`, value: Buffer.from(String(this.#published++)) })));
  }

  /** `crashes`: what is in memory when it closes is gone, as with a process that was killed. */
  async consume({ handler = counting(this.seen), everyMs = 1e9, crashes = false, wrap = (whole: PartitionHandler) => whole } = {}): Promise<Consumer> {
    const { log, documents } = this.stage;
    const kept = keepLedger({ group: GROUP, handler, log, documents, findings: this.findings, logger: silentLogger, metrics: this.metrics, pace: { everyMs } });
    const { revoked: _stored, ...killed } = kept;
    const consumer = await startConsumer({ log, topic: TOPIC, group: GROUP, handler: wrap(crashes ? killed : kept), logger: silentLogger, metrics: this.metrics, retryBaseMs: 5, retryCapMs: 20 });
    this.#context.after(() => consumer.close(500));
    return consumer;
  }

  drained(consumer: Consumer): Promise<void> {
    return eventually(async () => (await consumer.lag()) === 0, "all is consumed");
  }

  async ledgers(): Promise<readonly LedgerBody[]> {
    return (await (await openLedgers(this.stage.documents)).find(systemScope, {})).items.map(({ body }) => body).sort((a, b) => a.partition - b.partition);
  }

  /** What all ledgers say together. */
  async total(): Promise<{ in: number; records: number; residual: number; trimmed: number; out: Record<string, number> }> {
    const sum = { in: 0, records: 0, residual: 0, trimmed: 0, out: {} as Record<string, number> };
    for (const { tally, records, trimmed } of await this.ledgers()) {
      sum.in += tally.in;
      sum.records += records;
      sum.trimmed += trimmed;
      sum.residual += residualOf(tally);
      for (const [outcome, count] of Object.entries(tally.out)) sum.out[outcome] = (sum.out[outcome] ?? 0) + count;
    }
    return sum;
  }

  async found(): Promise<readonly Residual[]> {
    return (await this.findings.open()).map(({ body }) => body);
  }
}

/** The ledger on an event log: where a group begins, and what a crash, a rebalance or a hole does to its counts. */
export function ledgerTests(name: string, open: (context: TestContext) => Promise<LedgerStage>): void {
  const inScene = (what: string, run: (scene: LedgerScene) => Promise<void>): void => {
    test(`${name}: ${what}`, async (context) => {
      const stage = await open(context);
      await stage.log.declareTopics([{ name: TOPIC, partitions: 2, retentionMs: null }]);
      await run(new LedgerScene(context, stage));
    });
  };

  inScene("what is delivered again after a crash is counted once", async (scene) => {
    await scene.publish(50);
    const stored = await scene.consume();
    await scene.drained(stored);
    await stored.close();
    for (let crash = 0; crash < 3; crash++) {
      await scene.publish(40);
      const killed = await scene.consume({ crashes: true });
      await scene.drained(killed);
      await killed.close();
    }
    const ended = await scene.consume();
    // The three owners that were killed met 40, 80 and 120 records; the last one meets those 120 again.
    await eventually(() => [...scene.seen.values()].reduce((sum, count) => sum + count, 0) === 50 + 40 + 80 + 120 + 120, "the last owner has what its ledger lacks");
    await scene.drained(ended);
    await ended.close();
    const { in: came, records, residual, out } = await scene.total();
    assert.deepEqual([came, records, residual, out], [170, 170, 0, { stored: 50, duplicate: 120 }]);
    assert.equal(scene.seen.size, 170);
    assert.deepEqual(await scene.found(), []);
  });

  inScene("a group that has no ledger yet begins at its committed offset", async (scene) => {
    await scene.publish(30);
    const before = new Set<string>();
    const old = await startConsumer({ log: scene.stage.log, topic: TOPIC, group: GROUP, handler: { handle: async ({ records }) => records.forEach(({ value }) => before.add(Buffer.from(value).toString())) }, logger: silentLogger, metrics: scene.metrics });
    await scene.drained(old);
    await old.close();
    await scene.publish(20);
    const consumer = await scene.consume();
    await scene.drained(consumer);
    await consumer.close();
    assert.deepEqual([before.size, scene.seen.size], [30, 20]);
    const ledgers = await scene.ledgers();
    assert.equal(ledgers.reduce((sum, { beganOffset }) => sum + beganOffset, 0), 30);
    assert.deepEqual([(await scene.total()).in, (await scene.total()).residual, await scene.found()], [20, 0, []]);
  });

  inScene("partitions that move between members, over and over, are counted once", async (scene) => {
    const first = await scene.consume({ everyMs: 20 });
    for (let round = 0; round < 4; round++) {
      await scene.publish(60);
      const second = await scene.consume({ everyMs: 20 });
      await eventually(() => second.owned().length > 0 && first.owned().length > 0, "both have some");
      await scene.publish(60);
      await eventually(async () => (await first.lag()) === 0, "all is consumed");
      await second.close();
    }
    await eventually(() => first.owned().length === 2, "the one who stays has both");
    await scene.publish(20);
    await scene.drained(first);
    await first.close();
    const { in: came, records, residual } = await scene.total();
    assert.deepEqual([came, records, residual, scene.seen.size], [500, 500, 0, 500]);
    assert.deepEqual(await scene.found(), []);
  });

  inScene("what the log let go of is a hole, and a record that it holds and that did not come is a loss", async (scene) => {
    await scene.publish(40);
    const first = await scene.consume();
    await scene.drained(first);
    await first.close();
    await scene.publish(40);
    const { log } = scene.stage;
    for (const { partition, endOffset } of await log.bounds(TOPIC)) await log.trimBefore(TOPIC, partition, endOffset - 5);
    const second = await scene.consume();
    await scene.drained(second);
    await second.close();
    const { in: came, trimmed } = await scene.total();
    assert.deepEqual([came, trimmed], [50, 30]);
    assert.deepEqual(await scene.found(), []);
    await scene.publish(20);
    let left = 1;
    const third = await scene.consume({
      wrap: (handler) => ({ ...handler, handle: (batch, assignment) => handler.handle(left > 0 && batch.records.length > 2 ? without(batch, () => left--) : batch, assignment) }),
    });
    await scene.drained(third);
    const found = await scene.found();
    assert.deepEqual(found.map(({ check, group, missing, fromOffset, toOffset }) => [check, group, missing, toOffset - fromOffset]), [["offsets", GROUP, 1, 1]]);
    assert.equal(await scene.metrics.sum("caudal_conservation_residuals_total", { check: "offsets" }), 1);
  });
}

function without(batch: RecordBatch, told: () => void): RecordBatch {
  told();
  return { ...batch, records: batch.records.filter((_, index) => index !== 1) };
}
