import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { afterEntry, expectedSlot, type SlotState } from "../slots/slot-state.ts";
import { ChainCheck } from "./chain.ts";
import type { EntryBody, LedgerEntry } from "./entry.ts";
import { slotOf } from "./ledger-record.ts";
import { openLedger } from "./open-ledger.ts";
import { attempt, frozen, outcome } from "./test-stores/bodies.ts";
import { onEachStore } from "./test-stores/each-store.ts";
import { every } from "./test-stores/every.ts";

const SLOT = Date.parse("2026-06-11T17:00:00Z") * 1000;
const HOUR = 3_600_000_000;
const now = { nowUs: () => SLOT + 60_000_000 };
const always = (body: EntryBody) => ({ by: "test", decide: () => body });

onEachStore((name, open) => {
  test(`${name}: whatever two chains append to one store, it is one chain, and each state is the fold of what came before it`, async (context) => {
    const store = await open(context);
    const ledgers = [await openLedger(store.first, now), await openLedger(store.other, now)] as const;
    const slots = [SLOT, SLOT + HOUR];
    const step = fc.record({
      by: fc.constantFrom(0, 1), slot: fc.constantFrom(...slots), many: fc.integer({ min: 1, max: 3 }),
      act: fc.constantFrom("freeze", "hold", "claim", "unknown", "accept", "refuse", "annul", "stop", "resume", "nothing"),
    });
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const work = `dga/OB-0602-${++run}`;
      const chains = await Promise.all(ledgers.map((ledger) => ledger.chain(work)));
      const given: LedgerEntry[] = [];
      const answer = async (call: Promise<LedgerEntry | undefined>): Promise<void> => {
        try {
          const entry = await call;
          if (entry !== undefined) given.push(entry);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      };
      let day = 10;
      for (const { by, slot, many, act } of steps) {
        if (act === "claim") day += 1;
        const once = (chain: (typeof chains)[number]): Promise<void> => {
          if (act === "stop" || act === "resume") return answer(chain.appendToWork(always({ kind: act === "stop" ? "stopped" : "resumed", reason: act })));
          return answer(chain.append(slot, { by: `p${by}`, decide: (state) => bodyOf(act, state, `2026-06-${day}`) }));
        };
        // Both at once, or one several times.
        await Promise.all(many === 3 ? chains.map(once) : Array.from({ length: many }, () => once(chains[by]!)));
      }
      const all = await every(ledgers[0].entries(work, 0));
      const check = new ChainCheck(work);
      assert.deepEqual(all.flatMap((entry) => check.next(entry)), []);
      assert.deepEqual(given.sort((a, b) => a.seq - b.seq), all, "every append that was answered stands once, and nothing else does");
      for (const chain of chains) await chain.catchUp();
      for (const slotUs of slots) {
        const own = all.filter(({ body }) => "slotUs" in body && body.slotUs === slotUs);
        const state = own.reduce(afterEntry, expectedSlot(slotUs));
        for (const chain of chains) assert.deepEqual(await chain.slot(slotUs), state);
        const days = own.flatMap(({ body }) => (body.kind === "attempt" ? [body.day] : []));
        assert.equal(new Set(days).size, days.length);
      }
      const said = all.findLast(({ body }) => !("slotUs" in body))?.body;
      const last = all.findLast(({ body }) => body.kind === "attempt");
      const ended = all.some(({ seq, body }) => last !== undefined && seq > last.seq && body.kind === "outcome" && body.slotUs === slotOf(last));
      const reopened = await (await openLedger(store.first, now)).chain(work);
      for (const chain of [...chains, reopened]) {
        assert.deepEqual([chain.head, chain.stopped, chain.stoppedBy?.by], said?.kind === "stopped" ? [check.head, said.reason, "test"] : [check.head, undefined, undefined]);
        const { sentByUs, ...attempt } = chain.lastAttempt ?? { sentByUs: undefined };
        assert.deepEqual(attempt, last === undefined ? {} : { slotUs: slotOf(last), atUs: last.atUs, isOpen: !ended });
        assert.equal(sentByUs, reopened.lastAttempt?.sentByUs, "read from the store or followed, it is the same");
        assert.ok(last === undefined || sentByUs! >= last.atUs);
      }
    }), { numRuns: 40 });
  });
});

function bodyOf(act: string, { slotUs, version, attempts }: SlotState, day: string): EntryBody | undefined {
  switch (act) {
    case "freeze": return frozen(slotUs, version + 1);
    case "hold": return { kind: "held", slotUs, reasons: ["negative"], taken: [] };
    case "claim": return attempt(slotUs, attempts + 1, day);
    case "unknown": return outcome(slotUs, attempts, "unknown");
    case "accept": return outcome(slotUs, attempts, "accepted", "V");
    case "refuse": return outcome(slotUs, attempts, "refused");
    case "annul": return { kind: "reviewed", slotUs, decision: "annul", reason: "x" };
    default: return undefined;
  }
}
