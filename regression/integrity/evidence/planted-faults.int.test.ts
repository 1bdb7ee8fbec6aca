import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, suite, test } from "node:test";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { nowUs, rows, writeAll } from "./test-faults.ts";
import { measurement, readingOf } from "./test-plants.ts";
import { stage, type Staged } from "./test-scene.ts";

/*
 * An installation takes a simulated fleet in, by MQTT, HTTP and files, and the auditor finds nothing wrong. Then one fault of each kind is
 * planted in its stores, each in a copy of its own, and the auditor must name it, and nothing that is not of its making.
 */

function shown({ findings, outcomes, examples }: AuditVerdict): string {
  return JSON.stringify({ findings, outcomes, examples: examples.slice(0, 6) }, null, 1);
}

suite("planted faults", () => {
  let staged: Staged;
  let verdicts: string;
  let clean: AuditVerdict;

  before(async () => {
    staged = await stage({ seed: "planted", devices: 8, days: 4, intervalS: 1800 });
    verdicts = join(staged.folder, "verdicts.ndjson");
    clean = await staged.audit({ verdictsFile: verdicts });
  });
  after(() => staged?.remove());

  test("without a fault nothing is found, and every reading has its line", async () => {
    assert.equal(clean.ok, true, shown(clean));
    assert.deepEqual(clean.notGiven, []);
    assert.equal((await readFile(verdicts, "utf8")).trim().split("\n").length, clean.readings);
    for (const outcome of ["stored", "superseded", "dropped:duplicate"]) assert.ok((clean.outcomes[outcome] ?? 0) > 0, `no reading is ${outcome}: the fleet is too tame`);
    for (const what of ["facts in hot", "facts in cold", "archived readings", "parked events", "15m buckets", "1d buckets", "live events", "digests"]) assert.ok((clean.looked[what] ?? 0) > 0, `${what} were not looked at`);
  });

  test("a superseded value that is shown as the newest", async () => {
    const spoiled = await staged.copy();
    try {
      const superseded = await readingOf(staged, verdicts, { outcome: "superseded" });
      await writeAll(spoiled, measurement(superseded.key, { instantUs: superseded.timeUs, knownAtUs: nowUs(), variable: superseded.variable, value: superseded.value }));
      const verdict = await spoiled.audit();
      assert.ok((verdict.findings["stale"] ?? 0) > 0, shown(verdict));
      assert.equal(verdict.outcomes["stale"], 1);
    } finally {
      await spoiled.remove();
    }
  });

  test("a damaged file of a tier is named", async () => {
    const spoiled = await staged.copy();
    try {
      const path = join(spoiled.data, "tiers", "warm.sqlite");
      const db = new DatabaseSync(path);
      const row = db.prepare("SELECT sequence, batch FROM incoming ORDER BY sequence LIMIT 1").get();
      assert.ok(row !== undefined, "a batch waits to be folded");
      const batch = row["batch"] as Uint8Array;
      batch[batch.length >> 1]! ^= 0xff;
      db.prepare("UPDATE incoming SET batch = ? WHERE sequence = ?").run(batch, row["sequence"]!);
      db.close();
      await assert.rejects(spoiled.audit(), /warm\.sqlite: .* is damaged/);
    } finally {
      await spoiled.remove();
    }
  });

  for (const row of rows) {
    suite(row.map(({ fault }) => fault).join("; "), () => {
      let spoiled: Staged;
      let verdict: AuditVerdict;

      before(async () => {
        spoiled = await staged.copy();
        for (const [number, { plant }] of row.entries()) await plant(spoiled, await readingOf(staged, verdicts, { outcome: "stored", number }));
        verdict = await spoiled.audit();
      });
      after(() => spoiled?.remove());

      for (const { fault, finds, says = /^/ } of row) {
        test(fault, () => {
          assert.equal(verdict.ok, false, shown(verdict));
          for (const [kind, where] of Object.entries(finds)) {
            for (const store of where) assert.ok(verdict.examples.some((one) => one.kind === kind && one.where === store && says.test(one.detail)), `${kind} was not found in ${store}: ${shown(verdict)}`);
          }
        });
      }

      test("nothing else is found, and the readings are counted by it", () => {
        const kinds = new Set(row.flatMap(({ finds }) => Object.keys(finds)));
        assert.deepEqual(Object.keys(verdict.findings).filter((kind) => !kinds.has(kind)), [], shown(verdict));
        for (const outcome of ["lost", "altered", "doubled", "stale"] as const) {
          const expected = row.reduce((sum, { outcomes }) => sum + (outcomes?.[outcome] ?? 0), 0);
          const archived = row.some(({ finds }) => finds["not-archived"] !== undefined && finds.lost === undefined);
          if (outcome === "lost" && archived) assert.ok((verdict.outcomes[outcome] ?? 0) > expected, shown(verdict));
          else assert.equal(verdict.outcomes[outcome] ?? 0, expected, `${outcome}: ${shown(verdict)}`);
        }
      });
    });
  }
});
