import assert from "node:assert/strict";
import { test } from "node:test";
import { systemScope } from "@caudal/core";
import { openLedger } from "../ledger/open-ledger.ts";
import { attempt, claim, frozen, outcome } from "../ledger/test-stores/bodies.ts";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { every } from "../ledger/test-stores/every.ts";
import { troubled, type Trouble } from "../ledger/test-stores/troubled.ts";
import { scheduleOf } from "./slot-book.ts";
import { slotCollection, slotId, type SlotRow } from "./slot-row.ts";
import type { SlotQuery } from "./slot-query.ts";
import { allRows, always, bookOf, HOUR, now, obra, START } from "./test-slots/scene.ts";

onEachStore((name, open) => {
  test(`${name}: slots are rows before anything is measured, made once, from the work's first instant to its end`, async (context) => {
    const store = await open(context);
    const book = await bookOf(store.first);
    const other = await bookOf(store.other);
    const given = obra({ endsUs: START + 300 * HOUR });
    const span = { fromUs: START - 5 * HOUR, toUs: START + 250 * HOUR };
    const made = await Promise.all([book.ensure(given, span), other.ensure(given, span)]);
    assert.equal(made[0] + made[1], 250);
    assert.equal(await book.ensure(given, { ...span, toUs: START + 1000 * HOUR }), 50);
    assert.equal(await book.ensure(given, { fromUs: START + 300 * HOUR, toUs: START + 400 * HOUR }), 0);
    assert.equal(await book.ensure(given, { ...span, toUs: START - HOUR }), 0);
    const rows = await allRows(store.first);
    assert.deepEqual(rows.map(({ slotUs }) => slotUs), Array.from({ length: 300 }, (_, hour) => START + hour * HOUR));
    assert.ok(rows.every(({ standing, client, open: isOpen }) => standing === "expected" && client === "mine" && isOpen === 1));
    assert.deepEqual(scheduleOf(obra({ standard: "custom", everyMinutes: 15 })), { standard: "custom", everyMinutes: 15 });
    assert.throws(() => scheduleOf(obra({ standard: "custom" })), RangeError);
  });

  test(`${name}: a row follows its entries, and open rows are those that wait for something`, async (context) => {
    const store = await open(context);
    const book = await bookOf(store.first);
    await book.ensure(obra(), { fromUs: START, toUs: START + 4 * HOUR });
    for (const body of [frozen(START), attempt(START, 1, "2026-06-11"), outcome(START, 1, "accepted", "V")]) await book.append(obra(), START, always(body));
    assert.equal(await book.append(obra(), START, { by: "t", decide: claim("2026-06-12") }), undefined);
    const row = await book.row("dga/OB-0602-7", START);
    assert.deepEqual([row?.standing, row?.open, row?.seq, row?.state.voucher, row?.late, row?.taken.length], ["accepted", 1, 3, "V", false, 1]);
    await book.append(obra(), START, always({ kind: "verification", slotUs: START, voucher: "V", result: "verified", fields: [] }));
    await book.append(obra(), START + HOUR, always({ kind: "written-off", slotUs: START + HOUR, reason: "x" }));
    const openSlots = (await every(book.openRows("dga/OB-0602-7", { toUs: START + 3 * HOUR }))).map(({ slotUs }) => slotUs);
    assert.deepEqual(openSlots, [START + 2 * HOUR]);
    assert.equal((await book.appendToWork(obra(), always({ kind: "stopped", reason: "x" })))?.seq, 6);
    assert.equal(await book.row("dga/OB-0602-7", START, { clients: ["theirs"] }), undefined);
  });

  test(`${name}: vector A12: what a crash left between an entry and its row is repaired to what the ledger holds, without a second attempt`, async (context) => {
    const store = await open(context);
    const given = obra();
    const book = await bookOf(store.first);
    await book.ensure(given, { fromUs: START, toUs: START + 3 * HOUR });
    for (const body of [frozen(START), attempt(START, 1, "2026-06-11")]) await book.append(given, START, always(body));
    assert.equal(await book.catchUp(given), 0);
    // The process ends when the outcome is written and its row is not; and when a slot was imported that has no row.
    const chain = await (await openLedger(store.other, now)).chain(given.work);
    await chain.append(START, always(outcome(START, 1, "accepted", "V")));
    await chain.append(START - HOUR, always({ kind: "imported", slotUs: START - HOUR, voucher: "W", source: "file" }));
    const again = await bookOf(await store.reopen());
    assert.equal((await again.row(given.work, START))?.standing, "sending");
    assert.equal(await again.catchUp(given), 2);
    assert.deepEqual([(await again.row(given.work, START))?.standing, (await again.row(given.work, START - HOUR))?.standing], ["accepted", "accepted"]);
    assert.equal(await again.catchUp(given), 0);
    assert.equal(await again.append(given, START, { by: "t", decide: claim("2026-06-12") }), undefined);
  });

  test(`${name}: a row that a backup held from before its mark is repaired by the process that opens the copy`, async (context) => {
    const store = await open(context);
    const book = await bookOf(store.first);
    await book.ensure(obra(), { fromUs: START, toUs: START + HOUR });
    const rows = await store.first.collection<SlotRow>(slotCollection);
    const old = (await rows.get(systemScope, slotId("dga/OB-0602-7", START)))!;
    await book.append(obra(), START, always(frozen(START)));
    await book.catchUp(obra());
    await rows.putMany(systemScope, [old]);
    assert.equal(await book.catchUp(obra()), 0);
    const again = await bookOf(await store.reopen());
    assert.equal(await again.catchUp(obra()), 1);
    assert.equal((await again.row("dga/OB-0602-7", START))?.standing, "ready");
  });

  test(`${name}: an entry whose row could not be written is told as written, and its row is repaired; a lost answer of a row costs nothing`, async (context) => {
    const store = await open(context);
    const troubles: Trouble[] = [];
    const stale: number[] = [];
    const book = await bookOf(troubled(store.first, troubles), { onStaleRow: ({ slotUs }) => stale.push(slotUs) });
    await book.ensure(obra(), { fromUs: START, toUs: START + HOUR });
    troubles.push({ collection: "slots", write: "replace", with: "refused" });
    assert.equal((await book.append(obra(), START, always(frozen(START))))?.seq, 1);
    assert.deepEqual(stale, [START]);
    assert.equal((await book.row("dga/OB-0602-7", START))?.standing, "expected");
    for (const each of ["lost-answer", "never-sent"] as const) troubles.push({ collection: "slots", write: "replace", with: each });
    assert.equal(await book.catchUp(obra()), 0, "somebody wrote it: ourselves, whose answer was lost");
    troubles.splice(0);
    assert.equal((await book.row("dga/OB-0602-7", START))?.standing, "ready");
    troubles.push({ collection: "slots", write: "insert", with: "lost-answer" }, { collection: "slots", write: "insert", with: "refused" });
    await book.append(obra(), START + HOUR, always(frozen(START + HOUR)));
    assert.equal((await book.row("dga/OB-0602-7", START + HOUR))?.standing, "ready");
    for (let tries = 0; tries < 8; tries++) troubles.push({ collection: "slots", write: "replace", with: "never-sent" });
    await book.append(obra(), START + HOUR, always(attempt(START + HOUR, 1, "2026-06-11")));
    assert.deepEqual(stale, [START, START + HOUR]);
    assert.equal(await book.catchUp(obra()), 1);
  });

  test(`${name}: an older projection that stood still does not undo a newer one`, async (context) => {
    const store = await open(context);
    const troubles: Trouble[] = [];
    let goOn = (): void => undefined;
    const slow = await bookOf(troubled(store.first, troubles));
    await slow.ensure(obra(), { fromUs: START, toUs: START + HOUR });
    troubles.push({ collection: "slots", write: "replace", with: new Promise<void>((resolve) => (goOn = resolve)) });
    const standing = slow.append(obra(), START, always(frozen(START)));
    const quick = await bookOf(store.other);
    while ((await quick.append(obra(), START, { by: "q", decide: claim("2026-06-11") })) === undefined);
    assert.equal((await quick.row("dga/OB-0602-7", START))?.standing, "sending");
    assert.equal(troubles.length, 0, "the older one stands still before its write");
    goOn();
    await standing;
    assert.deepEqual([(await quick.row("dga/OB-0602-7", START))?.standing, (await quick.row("dga/OB-0602-7", START))?.seq], ["sending", 2]);
  });

  test(`${name}: what is noted of a slot stays with its row, and the ledger's reasons stand before it`, async (context) => {
    const store = await open(context);
    const book = await bookOf(store.first);
    const { work } = obra();
    await book.ensure(obra(), { fromUs: START, toUs: START + HOUR });
    const noted = await book.note(work, START, { reasons: ["no-data"], lookedAtUs: 7 });
    assert.deepEqual([noted.reasons, noted.lookedAtUs, noted.late], [["no-data"], 7, false]);
    assert.equal((await book.note(work, START, { lateFailure: true })).late, true);
    assert.deepEqual(await book.row(work, START), { ...noted, late: true, lateFailure: true });
    await book.append(obra(), START, always({ kind: "held", slotUs: START, reasons: ["negative"], taken: [] }));
    const held = await book.note(work, START, { reasons: ["passed over"], lateFailure: false });
    assert.deepEqual([held.reasons, held.late, held.lookedAtUs], [["negative"], false, 7]);
    await assert.rejects(book.note(work, START + HOUR, {}), { code: "not-found" });
  });

  test(`${name}: people find what their scope lets them see, in pages without a doubled or a missing row`, async (context) => {
    const store = await open(context);
    const book = await bookOf(store.first);
    const works = [obra(), obra({ code: "OB-0602-8" }), obra({ code: "OB-0602-9", client: "theirs" })] as const;
    for (const work of works) await book.ensure(work, { fromUs: START, toUs: START + 30 * HOUR });
    await book.append(works[0], START, always({ kind: "held", slotUs: START, reasons: ["negative"], taken: [] }));
    await book.append(works[2], START, always({ kind: "held", slotUs: START, reasons: ["negative"], taken: [] }));
    await book.append(works[1], START + HOUR, always({ kind: "written-off", slotUs: START + HOUR, reason: "x" }));
    const found = async (query: SlotQuery, scope = systemScope): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await book.find(scope, { ...query, cursor });
        ids.push(...page.items.map(({ work, slotUs }) => slotId(work, slotUs)));
        cursor = page.next;
      } while (cursor !== undefined);
      assert.equal(new Set(ids).size, ids.length);
      return ids;
    };
    const mine = { clients: ["mine"] };
    assert.equal((await found({ limit: 7 })).length, 90);
    assert.equal((await found({ limit: 7 }, mine)).length, 60);
    assert.deepEqual(await found({ standing: "held" }, mine), [slotId(works[0].work, START)]);
    assert.equal((await found({ standing: "held" })).length, 2);
    assert.deepEqual(await found({ client: "theirs", standing: "held" }), [slotId(works[2].work, START)]);
    assert.deepEqual(await found({ client: "theirs" }, mine), []);
    assert.deepEqual(await found({ work: works[2].work }, mine), []);
    assert.deepEqual(await found({ work: works[0].work, client: "theirs" }), []);
    assert.equal((await found({ client: "mine", open: true, limit: 7 })).length, 59);
    assert.deepEqual(await found({ work: works[1].work, open: false }), [slotId(works[1].work, START + HOUR)]);
    assert.equal((await found({ open: true, toUs: START + 2 * HOUR })).length, 5);
    assert.deepEqual(await found({ work: works[1].work, standing: "written-off", month: "2026-06", open: false }), [slotId(works[1].work, START + HOUR)]);
    assert.deepEqual(await found({ month: "2026-05" }), []);
    assert.deepEqual(await found({ work: works[0].work, fromUs: START + HOUR, toUs: START + 3 * HOUR, descending: true }), [slotId(works[0].work, START + 2 * HOUR), slotId(works[0].work, START + HOUR)]);
  });
});
