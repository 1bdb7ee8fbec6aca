import assert from "node:assert/strict";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import fc from "fast-check";
import { audit } from "./audit.ts";
import type { Evidence, TierEvidence } from "./evidence.ts";
import type { FindingKind } from "./finding-kinds.ts";
import { Shards } from "./shards.ts";
import { modelEvidence, writeTruth, type ModelRow } from "./test-model.ts";

const DEVICES = 4;
const row: fc.Arbitrary<ModelRow> = fc.record({
  device: fc.integer({ min: 0, max: DEVICES - 1 }), step: fc.integer({ min: 0, max: 12 }), value: fc.integer({ min: 0, max: 999 }).map((units) => units / 10),
  outcome: fc.constantFrom("acknowledged", "acknowledged", "acknowledged", "unknown"), came: fc.boolean(),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });

async function withTruth<T>(given: readonly ModelRow[], work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await writeTruth(given, DEVICES);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

suite("the audit as a whole", () => {
  test("no fault, no finding: any order of any rows, taken or not", async () => {
    await fc.assert(fc.asyncProperty(rows, async (given) => {
      await withTruth(given, async (truthDirectory) => {
        const verdict = await audit({ truthDirectory, evidence: modelEvidence(given).evidence, verdictsFile: join(truthDirectory, "verdicts.ndjson") });
        assert.equal(verdict.ok, true, JSON.stringify(verdict.examples));
        assert.equal(verdict.readings, given.length);
        assert.equal(Object.values(verdict.outcomes).reduce((sum, count) => sum + count, 0), given.length);
        assert.equal((await readFile(join(truthDirectory, "verdicts.ndjson"), "utf8")).split("\n").length, given.length + 1);
      });
    }), { numRuns: 60 });
  });

  test("one fault in one tier is found there, whichever fact it is", async () => {
    const spoil = fc.constantFrom("lost", "altered", "invented", "tiers-differ");
    await fc.assert(fc.asyncProperty(rows, fc.nat(2), fc.nat(), spoil, async (given, tier, which, kind) => {
      const sure = given.map((one) => ({ ...one, outcome: "acknowledged" as const }));
      await withTruth(sure, async (truthDirectory) => {
        const { evidence, tiers } = modelEvidence(sure);
        const points = [...tiers[tier]!.values()];
        const facts = points[which % points.length]!;
        const [step, fact] = [...facts][which % facts.size]!;
        if (kind === "lost") facts.delete(step);
        else if (kind === "invented") facts.set(100, { ...fact, instantUs: 100_000_000 });
        else facts.set(step, kind === "altered" ? { ...fact, value: fact.value! + 1000 } : { ...fact, knownAtUs: fact.knownAtUs! + 1 });
        const verdict = await audit({ truthDirectory, evidence });
        assert.ok((verdict.findings[kind as FindingKind] ?? 0) > 0, `${kind}: ${JSON.stringify(verdict.findings)}`);
        assert.equal(verdict.ok, false);
        // When two tiers disagree, the one that keeps longest is the witness, so a fault of cold is told of the others too.
        if (tier < 2) assert.ok(verdict.examples.every(({ where }) => tier === 2 || where === ["hot", "warm", "cold"][tier] || kind === "tiers-differ" || kind === "invented"), JSON.stringify(verdict.examples));
      });
    }), { numRuns: 60 });
  });

  test("what cannot be read is a finding, and nothing behind it is passed over", async () => {
    const given: ModelRow[] = Array.from({ length: 20 }, (_, step) => ({ device: 0, step, value: step, outcome: "acknowledged", came: true }));
    await withTruth(given, async (truthDirectory) => {
      const { evidence } = modelEvidence(given);
      const broken = (): AsyncIterable<never> => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("a damaged block")) }) });
      const [hot, warm, whole] = evidence.tiers as readonly [TierEvidence, TierEvidence, TierEvidence];
      const cold: TierEvidence = {
        ...whole,
        async *facts(point) {
          for await (const batch of whole.facts(point)) {
            if (batch[0]!.instantUs > 9_000_000) throw new Error("a damaged block");
            yield batch;
          }
        },
      };
      const verdict = await audit({ truthDirectory, evidence: { ...evidence, tiers: [hot, warm, cold], archive: broken, parked: broken, live: { events: broken, completeFromUs: 0 } } satisfies Evidence });
      assert.deepEqual(verdict.examples.filter(({ kind }) => kind === "unreadable").map(({ where }) => where).sort(), ["archive", "live", "parked", "tiers"]);
      assert.equal(verdict.readings, 20);
      assert.ok(verdict.outcomes["lost"]! >= 8);
    });
  });

  test("a device and its key that the installation does not know", async () => {
    const given: ModelRow[] = [{ device: 0, step: 1, value: 2, outcome: "acknowledged", came: true }, { device: 1, step: 1, value: 2, outcome: "unknown", came: false }];
    await withTruth(given, async (truthDirectory) => {
      const verdict = await audit({ truthDirectory, evidence: { async *directory() {}, tiers: [] } });
      assert.deepEqual([verdict.outcomes, verdict.findings], [{ lost: 1, "not-taken": 1 }, { lost: 1 }]);
      assert.deepEqual(verdict.notGiven, ["archive", "parked", "rollups", "live", "digests"]);
    });
  });

  test("a truth that was cut by a kill is read to its last whole line; a broken one is refused", async () => {
    const given: ModelRow[] = [{ device: 0, step: 1, value: 2, outcome: "acknowledged", came: true }];
    await withTruth(given, async (truthDirectory) => {
      await appendFile(join(truthDirectory, "sent.ndjson"), '{"seq":2,"transport":"mem');
      assert.equal((await audit({ truthDirectory, evidence: modelEvidence(given).evidence })).ok, true);
      await appendFile(join(truthDirectory, "sent.ndjson"), "\n{}\n");
      await assert.rejects(audit({ truthDirectory, evidence: modelEvidence(given).evidence }), /sent\.ndjson:2: no JSON/);
      await writeFile(join(truthDirectory, "acknowledged.ndjson"), '{"seq":1,"outcome":"perhaps","attempts":1}\n');
      await assert.rejects(audit({ truthDirectory, evidence: modelEvidence(given).evidence }), /outcome perhaps/);
      await writeFile(join(truthDirectory, "fleet.json"), '{"format":9}');
      await assert.rejects(audit({ truthDirectory, evidence: modelEvidence(given).evidence }), /format 9/);
    });
  });

  test("shards keep the order of each device's lines, however many buffers they fill", async () => {
    await withTruth([], async (folder) => {
      const shards = new Shards(folder, 3);
      const text = "x".repeat(1000);
      for (let line = 0; line < 600; line++) await shards.add("some", `device-${line % 7}`, { line, text });
      await shards.finish();
      const seen: number[] = [];
      for (let shard = 0; shard < shards.count; shard++) {
        const last = new Map<number, number>();
        for await (const { line } of shards.read<{ line: number }>("some", shard)) {
          assert.ok(shards.isIn(`device-${line % 7}`, shard));
          assert.ok((last.get(line % 7) ?? -1) < line);
          last.set(line % 7, line);
          seen.push(line);
        }
      }
      assert.equal(new Set(seen).size, 600);
    });
  });
});
