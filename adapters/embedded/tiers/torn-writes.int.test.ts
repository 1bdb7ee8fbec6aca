import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { hasCode, unpackRows } from "@caudal/core";
import fc from "fast-check";
import { toCaudalError } from "../sqlite/failure.ts";
import { fileProblems } from "../sqlite/file-problems.ts";
import { anyDamage, damageFile } from "../test-parts/damage.ts";
import { killedWriter, type KilledWriter } from "../test-parts/killed-writer.ts";
import { instantOf, PER_COMMIT, pointOf, POINTS } from "../test-parts/torn-stores.ts";
import { TierStore } from "./tier-store.ts";

/* A tier's real file after a kill -9, torn at drawn places: what is read is what was written, or a refusal by name. */

const COMMITS = 240;
const PLACES = Number(process.env["CAUDAL_TORN_PLACES"] ?? 50);

interface Found {
  /** Facts by commit. */
  readonly counts: ReadonlyMap<number, number>;
  readonly facts: number;
  readonly refusals: number;
}

/** What the tier's thread answers to whoever asks; a header that says another format is refused by name too. */
const isRefusal = (error: unknown): boolean => hasCode(toCaudalError(error, "cold"), "corrupt") || (hasCode(error, "setting") && /newer release/.test((error as Error).message));

/** Every point's facts, or "refused" where the tier does not open. Fails on a fact that nobody wrote. */
function readBack(directory: string): Found | "refused" {
  let store: TierStore | undefined;
  const counts = new Map<number, number>();
  let [facts, refusals] = [0, 0];
  try {
    store = new TierStore({ name: "cold", directory, retentionMs: null, revisions: "all", maxBytes: undefined, maxPendingFacts: 400, maxKnownPoints: undefined });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return "refused";
  }
  try {
    for (let p = 0; p < POINTS; p += 1) {
      try {
        for (let rest = { fromUs: -Infinity, toUs: Infinity }; rest.fromUs < rest.toUs;) {
          const answer = store.read({ key: { client: "c", point: pointOf(p) }, ...rest, variables: undefined, descending: false, maxRows: 4096, asOfUs: undefined });
          rest = answer.rest;
          const { timesUs, columns } = unpackRows(answer.rows);
          timesUs.forEach((timeUs, row) => {
            const serial = timeUs / 60_000_000;
            const [n, i] = [Math.floor(serial / PER_COMMIT), serial % PER_COMMIT];
            assert.deepEqual([timeUs, pointOf(n), columns.length, columns[0]?.variable], [instantOf(n, i), pointOf(p), 1, "flow"]);
            assert.equal(columns[0]?.values[row], Math.sin(serial));
            assert.equal(columns[0]?.knownAtUs[row], n);
            counts.set(n, (counts.get(n) ?? 0) + 1);
            facts += 1;
          });
        }
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusals += 1;
      }
    }
    return { counts, facts, refusals };
  } finally {
    store.close();
  }
}

suite("torn writes of a tier", () => {
  let written: KilledWriter;
  before(async () => {
    written = await killedWriter("tier", COMMITS);
  });
  after(() => written?.remove());

  test("a torn write-ahead log: all commits before the place, and no part of one", () => {
    fc.assert(fc.property(anyDamage, (damage) => {
      const directory = written.copy();
      const place = damageFile(join(directory, "cold.sqlite-wal"), damage);
      const found = readBack(directory);
      assert.ok(found !== "refused" && found.refusals === 0, "the checksums of the write-ahead log find the place");
      assert.ok([...found.counts.values()].every((count) => count === PER_COMMIT), "no part of a commit");
      assert.equal(Math.max(-1, ...found.counts.keys()), found.counts.size - 1, "a commit and all before it");
      const least = written.walBytes.filter((bytes) => bytes <= place).length;
      assert.ok(found.counts.size >= least, `${found.counts.size} commits where ${least} were acknowledged before byte ${place}`);
      rmSync(directory, { recursive: true });
    }), { numRuns: PLACES });
  });

  test("a torn file: what is read is what was written, or it is refused or found by name", () => {
    const settled = written.copy();
    const all = readBack(settled);
    assert.ok(all !== "refused" && all.facts >= COMMITS * PER_COMMIT);
    const seen = { refused: 0, partly: 0, whole: 0, gone: 0 };
    fc.assert(fc.property(anyDamage, (damage) => {
      const directory = written.copy(settled);
      damageFile(join(directory, "cold.sqlite"), damage);
      const isFound = fileProblems(join(directory, "cold.sqlite")).length > 0;
      const found = readBack(directory);
      if (found === "refused") seen.refused += 1;
      else if (found.refusals > 0) seen.partly += 1;
      else if (found.facts === all.facts) seen.whole += 1;
      else {
        // An index that leads past a block: no checksum of ours tells, SQLite's own check of the file does.
        assert.ok(isFound, `${found.facts} facts of ${all.facts}, and nobody says so`);
        seen.gone += 1;
      }
      rmSync(directory, { recursive: true });
    }), { numRuns: PLACES });
    assert.ok(seen.refused + seen.partly > 0, JSON.stringify(seen));
  });
});
