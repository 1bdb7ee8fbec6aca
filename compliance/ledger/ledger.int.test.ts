import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CaudalError, systemScope, type Documents } from "@caudal/core";
import { ChainCheck, type ChainFault } from "./chain.ts";
import { nextEntry, type EntryBody, type LedgerEntry } from "./entry.ts";
import { recordId, recordOf } from "./ledger-record.ts";
import { ledgerCollection, type Ledger, type LedgerRecord } from "./ledger.ts";
import { openLedger } from "./open-ledger.ts";
import { attempt, claim, frozen, outcome } from "./test-stores/bodies.ts";
import { onEachStore } from "./test-stores/each-store.ts";
import { troubled, type Trouble } from "./test-stores/troubled.ts";

const WORK = "dga/OB-0602-7";
const SLOT = Date.parse("2026-06-11T17:00:00Z") * 1000;
const HOUR = 3_600_000_000;
const now = { nowUs: () => SLOT + 60_000_000 };
const always = (body: EntryBody) => ({ by: "test", decide: () => body });

async function faultsOf(ledger: Ledger, work = WORK): Promise<{ faults: ChainFault[]; count: number }> {
  const check = new ChainCheck(work);
  const faults: ChainFault[] = [];
  let count = 0;
  for await (const entry of ledger.entries(work, 0)) {
    faults.push(...check.next(entry));
    count += 1;
  }
  return { faults, count };
}
async function appended(documents: Documents, ...bodies: readonly EntryBody[]): Promise<Ledger> {
  const ledger = await openLedger(documents, now);
  const chain = await ledger.chain(WORK);
  for (const body of bodies) await chain.append(SLOT, always(body));
  return ledger;
}

onEachStore((name, open) => {
  test(`${name}: what was appended is there after a restart, in order and without a fault`, async (context) => {
    const store = await open(context);
    const ledger = await appended(store.first, frozen(SLOT), attempt(SLOT, 1, "2026-06-11"), outcome(SLOT, 1, "accepted", "V"));
    const chain = await ledger.chain(WORK);
    await chain.appendToWork(always({ kind: "stopped", reason: "sensor" }));
    assert.equal(chain.stopped, "sensor");
    await assert.rejects(chain.append(SLOT, always(attempt(SLOT, 2, "2026-06-12"))), RangeError, "after accepted nothing is sent");
    await assert.rejects(chain.append(SLOT, always(frozen(SLOT + HOUR))), RangeError);
    await assert.rejects(chain.append(SLOT, always({ kind: "resumed", reason: "" })), RangeError);
    await assert.rejects(chain.appendToWork(always(frozen(SLOT))), RangeError);
    assert.equal(await chain.append(SLOT, { by: "test", decide: () => undefined }), undefined);
    const again = await openLedger(await store.reopen(), now);
    const reopened = await again.chain(WORK);
    assert.deepEqual([reopened.head, reopened.stopped, reopened.work], [chain.head, "sensor", WORK]);
    const state = await reopened.slot(SLOT);
    assert.deepEqual([state.standing, state.voucher, (await reopened.slot(SLOT + HOUR)).standing], ["accepted", "V", "expected"]);
    await reopened.appendToWork(always({ kind: "resumed", reason: "mended" }));
    await assert.rejects(reopened.appendToWork(always({ kind: "resumed", reason: "twice" })), RangeError);
    assert.equal(reopened.stopped, undefined);
    assert.deepEqual(await faultsOf(again), { faults: [], count: 5 });
    assert.deepEqual((await again.entriesOf(WORK, SLOT)).map(({ seq, body }) => [seq, body.kind]), [[1, "frozen"], [2, "attempt"], [3, "outcome"]]);
    assert.deepEqual(await again.entriesOf(WORK, SLOT + HOUR), []);
  });

  test(`${name}: vector A13: two writers that take one slot leave one attempt, whoever stands still in the middle`, async (context) => {
    const store = await open(context);
    await appended(store.first, frozen(SLOT));
    let goOn = (): void => undefined;
    const still = new Promise<void>((resolve) => (goOn = resolve));
    const troubles: Trouble[] = [];
    const slow = await (await openLedger(troubled(store.first, troubles), now)).chain(WORK);
    const quick = await (await openLedger(store.other, now)).chain(WORK);
    await slow.slot(SLOT);
    troubles.push({ collection: "ledger", write: "insert", with: still });
    const stopped = slow.append(SLOT, { by: "submitter", decide: claim("2026-06-11") });
    const taken = await quick.append(SLOT, { by: "submitter", decide: claim("2026-06-11") });
    assert.equal(taken?.seq, 2);
    goOn();
    assert.equal(await stopped, undefined, "the one that stood still reads the other's attempt and leaves it");
    assert.equal((await slow.slot(SLOT)).standing, "sending");
    // All at once, from the same instant, with the very same entry.
    const chains = await Promise.all([store.first, store.other, store.first, store.other].map(async (documents) => (await openLedger(documents, now)).chain(WORK)));
    for (let slotUs = SLOT + HOUR; slotUs < SLOT + 6 * HOUR; slotUs += HOUR) {
      await chains[0]!.append(slotUs, always(frozen(slotUs)));
      const claims = await Promise.all(chains.map((chain) => chain.append(slotUs, { by: "submitter", decide: claim("2026-06-11") })));
      assert.equal(claims.filter((entry) => entry !== undefined).length, 1, JSON.stringify(claims));
    }
    const { faults, count } = await faultsOf(await openLedger(store.other, now));
    assert.deepEqual([faults, count], [[], 2 + 2 * 5]);
  });

  test(`${name}: vector A11: an attempt whose writer ended is "sending" for whoever opens, who decides that nobody knows`, async (context) => {
    const store = await open(context);
    await appended(store.first, frozen(SLOT), attempt(SLOT, 1, "2026-06-11"));
    const chain = await (await openLedger(await store.reopen(), now)).chain(WORK);
    assert.equal((await chain.slot(SLOT)).standing, "sending");
    assert.equal(await chain.append(SLOT, { by: "submitter", decide: claim("2026-06-12") }), undefined, "never ready");
    await chain.append(SLOT, { by: "submitter", decide: ({ standing, attempts }) => (standing === "sending" ? outcome(SLOT, attempts, "unknown") : undefined) });
    assert.equal((await chain.slot(SLOT)).standing, "unknown");
    await assert.rejects(chain.append(SLOT, always(attempt(SLOT, 2, "2026-06-11"))), RangeError, "not on the same day");
  });

  test(`${name}: an append whose answer was lost stands once and is known to be ours; one that never arrived is written again; another's is not ours`, async (context) => {
    const store = await open(context);
    const troubles: Trouble[] = [];
    const chain = await (await openLedger(troubled(store.first, troubles), now)).chain(WORK);
    const trouble = (what: Trouble["with"]): unknown => troubles.push({ collection: "ledger", write: "insert", with: what });
    trouble("lost-answer");
    assert.equal((await chain.append(SLOT, always(frozen(SLOT))))?.seq, 1);
    trouble("never-sent");
    assert.equal((await chain.append(SLOT, { by: "s", decide: claim("2026-06-11") }))?.seq, 2);
    trouble("refused");
    await assert.rejects(chain.append(SLOT, always(outcome(SLOT, 1, "unknown"))), { code: "unavailable", retry: "yes" });
    for (const what of ["never-sent", "refused", "never-sent", "never-sent"] as const) trouble(what);
    await assert.rejects(chain.append(SLOT, always(outcome(SLOT, 1, "unknown"))), { retry: "unknown" });
    trouble("lost-answer");
    for (let left = 0; left < 3; left++) trouble("never-sent");
    await assert.rejects(chain.append(SLOT, always(outcome(SLOT, 1, "unknown"))), { retry: "unknown" }, "it stands, and nobody could learn it");
    assert.equal(await chain.append(SLOT, { by: "s", decide: ({ standing, attempts }) => (standing === "sending" ? outcome(SLOT, attempts, "unknown") : undefined) }), undefined, "what stands is met by the next call");
    assert.equal((await chain.slot(SLOT)).standing, "unknown");
    const other = await (await openLedger(store.other, now)).chain(WORK);
    const entry = await other.append(SLOT, { by: "s", decide: claim("2026-06-12") });
    assert.equal(entry?.seq, 4);
    trouble("lost-answer");
    assert.equal(await chain.append(SLOT, { by: "s", decide: claim("2026-06-12") }), undefined, "the same entry to the letter, and not ours");
    assert.deepEqual(await faultsOf(await openLedger(store.other, now)), { faults: [], count: 4 });
    assert.equal(troubles.length, 0);
  });

  test(`${name}: a stale no and a stale objection are thought over with what others wrote`, async (context) => {
    const store = await open(context);
    const first = await (await openLedger(store.first, now)).chain(WORK);
    const other = await (await openLedger(store.other, now)).chain(WORK);
    assert.equal((await first.slot(SLOT)).standing, "expected");
    await other.append(SLOT, always(frozen(SLOT)));
    assert.equal((await first.append(SLOT, { by: "s", decide: claim("2026-06-11") }))?.seq, 2);
    assert.equal((await other.append(SLOT, always(outcome(SLOT, 1, "refused"))))?.seq, 3);
    assert.equal((await first.slot(SLOT)).standing, "sending", "as of its head");
    await first.catchUp();
    assert.deepEqual([(await first.slot(SLOT)).standing, first.head], ["refused", other.head]);
  });

  test(`${name}: works are told in order, also where one's code begins another's; chains that are let go of go on where they were`, async (context) => {
    const store = await open(context);
    const ledger = await openLedger(store.first, { ...now, chainsKept: 2 });
    const works = ["dga/OB-0602-7", "dga/OB-0602-70", "dga/OB-0602-7-", "sma/1", "dga/OB-0602-6"];
    assert.deepEqual(await ledger.works(), []);
    const held = await ledger.chain(works[0]!);
    for (const work of [...works, ...works]) {
      const chain = await ledger.chain(work);
      await chain.append(SLOT, { by: "t", decide: ({ standing }) => (standing === "expected" ? frozen(SLOT) : attempt(SLOT, 1, "2026-06-11")) });
    }
    assert.deepEqual(await ledger.works(), [...works].sort());
    assert.equal((await held.append(SLOT, { by: "t", decide: ({ standing }) => (standing === "sending" ? outcome(SLOT, 1, "accepted", "V") : undefined) }))?.seq, 3, "an old hand on a chain is as good as a new one");
    for (const work of works) assert.deepEqual((await faultsOf(ledger, work)).faults, []);
  });

  test(`${name}: a tampered entry is found and named, and nothing is built on it`, async (context) => {
    const store = await open(context);
    const ledger = await appended(store.first, frozen(SLOT), attempt(SLOT, 1, "2026-06-11"), outcome(SLOT, 1, "accepted", "V"));
    const records = await store.first.collection<LedgerRecord>(ledgerCollection);
    const stored = (await records.get(systemScope, recordId(WORK, 3)))!;
    const entry = { ...stored.body.entry, body: { ...stored.body.entry.body, voucher: "W" } } as LedgerEntry;
    await records.putMany(systemScope, [{ id: stored.id, body: { ...stored.body, entry } }]);
    assert.deepEqual((await faultsOf(ledger)).faults, [{ work: WORK, seq: 3, fault: "hash" }]);
    await assert.rejects((await openLedger(store.first, now)).chain(WORK), { code: "corrupt" });
    // Whole by itself, but not behind what stood there.
    await records.putMany(systemScope, [stored]);
    const alien = nextEntry({ seq: 3, hash: "f".repeat(64) }, { work: WORK, atUs: 1, by: "x", body: frozen(SLOT + HOUR) });
    await records.insert(systemScope, { id: recordId(WORK, 4), body: recordOf(alien, "x") });
    await assert.rejects((await ledger.chain(WORK)).catchUp(), { code: "corrupt" });
    assert.deepEqual((await faultsOf(ledger)).faults, [{ work: WORK, seq: 4, fault: "link" }]);
    // Well hashed, well linked, and still nothing that may follow.
    const senseless = nextEntry(stored.body.entry, { work: WORK, atUs: 1, by: "x", body: attempt(SLOT, 2, "2026-06-12") });
    await records.putMany(systemScope, [{ id: recordId(WORK, 4), body: recordOf(senseless, "x") }]);
    const chain = await (await openLedger(store.first, now)).chain(WORK);
    await assert.rejects(chain.slot(SLOT), (error) => error instanceof CaudalError && error.code === "corrupt" && error.message.includes("entry 4"));
  });

  test(`${name}: 10 000 entries are read, and their states told, in bounded memory`, async (context) => {
    const store = await open(context);
    const records = await store.first.collection<LedgerRecord>(ledgerCollection);
    const [COUNT, FILLER] = [10_000, "x".repeat(2000)];
    let head: LedgerEntry | undefined;
    for (let at = 0; at < COUNT; at += 1000) {
      const some: LedgerEntry[] = [];
      for (let each = at; each < at + 1000; each++) some.push((head = nextEntry(head, { work: WORK, atUs: each, by: "t", body: frozen(SLOT + each * HOUR, 1, FILLER) })));
      await records.putMany(systemScope, some.map((entry) => ({ id: recordId(WORK, entry.seq), body: recordOf(entry, "t") })));
    }
    const ledger = await openLedger(store.first, now);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const before = used();
    let most = 0;
    let count = 0;
    const check = new ChainCheck(WORK);
    for await (const entry of ledger.entries(WORK, 0)) {
      assert.deepEqual(check.next(entry), []);
      count += 1;
      if (count % 1000 === 0) most = Math.max(most, used() - before);
    }
    assert.equal(count, COUNT);
    const chain = await ledger.chain(WORK);
    assert.equal(chain.head.seq, COUNT);
    for (let each = 0; each < 1000; each++) assert.equal((await chain.slot(SLOT + each * HOUR)).standing, "ready");
    const kept = used() - before;
    assert.ok(most < 12 && kept < 8, `of 24 MiB, ${most.toFixed(1)} MiB while it was read and ${kept.toFixed(1)} MiB for states`);
  });
});
