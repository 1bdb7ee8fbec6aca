import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { systemScope, type Documents } from "@caudal/core";
import type { EntryBody } from "../ledger/entry.ts";
import { attempt, frozen, outcome } from "../ledger/test-stores/bodies.ts";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { obraCollection, type Obra } from "../obras/obra.ts";
import { slotCollection, slotId, type SlotRow } from "./slot-row.ts";
import { afterEntry, expectedSlot } from "./slot-state.ts";
import { allRows, bookOf, HOUR, obra, START } from "./test-slots/scene.ts";

async function removeRows(documents: Documents): Promise<void> {
  const rows = await documents.collection<SlotRow>(slotCollection);
  for (const { work, slotUs } of await allRows(documents)) await rows.remove(systemScope, slotId(work, slotUs));
}

onEachStore((name, open) => {
  test(`${name}: whatever happened to slots, rows that were thrown away or spoilt are made again as they were`, async (context) => {
    const store = await open(context);
    const book = await bookOf(store.first);
    const obras = await store.first.collection<Obra>(obraCollection);
    const rows = await store.first.collection<SlotRow>(slotCollection);
    const acts = fc.array(fc.record({ hour: fc.integer({ min: 0, max: 5 }), act: fc.constantFrom("freeze", "hold", "confirm", "claim", "unknown", "accept", "write-off", "import") }), { minLength: 1, maxLength: 30 });
    let run = 0;
    await fc.assert(fc.asyncProperty(acts, fc.nat(), async (steps, pick) => {
      const given = obra({ code: `OB-0602-${++run}` });
      await obras.insert(systemScope, { id: given.work, body: given });
      await book.ensure(given, { fromUs: START, toUs: START + 6 * HOUR });
      let day = 10;
      for (const { hour, act } of steps) {
        const slotUs = START + hour * HOUR;
        day += 1;
        await book.append(given, slotUs, {
          by: "t",
          decide: (state) => {
            const body = bodyOf(act, { ...state, slotUs }, `2026-06-${day}`);
            try {
              afterEntry(state, { body, atUs: 0 });
              return body;
            } catch {
              return undefined;
            }
          },
        });
      }
      const before = (await book.find(systemScope, { work: given.work })).items;
      assert.equal(before.length, 6);
      assert.deepEqual(await book.rebuild(given.work), { rows: 6, changed: 0 });
      const spoilt = before[pick % 6]!;
      await rows.putMany(systemScope, [{ id: slotId(given.work, spoilt.slotUs), body: { ...spoilt, standing: "verified", seq: 1_000_000, state: expectedSlot(0) } }]);
      assert.deepEqual(await book.rebuild(given.work), { rows: 6, changed: 1 });
      assert.deepEqual((await book.find(systemScope, { work: given.work })).items, before);
      await book.note(given.work, START + (pick % 6) * HOUR, { reasons: ["no-data"], lookedAtUs: 5 });
      assert.deepEqual(await book.rebuild(given.work), { rows: 6, changed: 0 }, "what was noted stays");
      const newest = before.findLast(({ seq }) => seq > 0)?.slotUs;
      await removeRows(store.first);
      await book.rebuild(given.work);
      const anew = (await book.find(systemScope, { work: given.work })).items;
      assert.deepEqual(anew, newest === undefined ? [] : before.filter(({ slotUs }) => slotUs <= newest), "up to the newest that anything happened to; those ahead are made by the next round");
      await book.ensure(given, { fromUs: START, toUs: START + 6 * HOUR });
      assert.deepEqual((await book.find(systemScope, { work: given.work })).items, before);
      await removeRows(store.first);
      await book.ensure(given, { fromUs: START, toUs: START + 6 * HOUR });
      assert.deepEqual((await book.find(systemScope, { work: given.work })).items, before, "rows that are made anew tell what the ledger holds");
    }), { numRuns: 12 });
    await assert.rejects(book.rebuild("dga/OB-9999-9"), { code: "not-found" });
  });
});

function bodyOf(act: string, { slotUs, version, attempts }: { readonly slotUs: number; readonly version: number; readonly attempts: number }, day: string): EntryBody {
  switch (act) {
    case "freeze": return frozen(slotUs, version + 1);
    case "hold": return { kind: "held", slotUs, reasons: ["negative"], taken: [] };
    case "confirm": return { kind: "reviewed", slotUs, decision: "confirm", reason: "x" };
    case "claim": return attempt(slotUs, attempts + 1, day);
    case "unknown": return outcome(slotUs, attempts, "unknown");
    case "accept": return outcome(slotUs, attempts, "accepted", "V");
    case "import": return { kind: "imported", slotUs, voucher: "V", source: "file" };
    default: return { kind: "written-off", slotUs, reason: "x" };
  }
}
