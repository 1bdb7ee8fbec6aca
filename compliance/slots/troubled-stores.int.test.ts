import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CaudalError, type Documents } from "@caudal/core";
import { quietTemper } from "../../regression/simulation/world/conditions.ts";
import { SimulatedDocuments } from "../../regression/simulation/world/documents.ts";
import type { SimulatedProcess } from "../../regression/simulation/world/process.ts";
import { World } from "../../regression/simulation/world/world.ts";
import { takeOver, within } from "../../regression/simulation/time/take-over.ts";
import { ChainCheck } from "../ledger/chain.ts";
import type { EntryBody, LedgerEntry } from "../ledger/entry.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { dayOf } from "../ledger/regulator-day.ts";
import { claim, frozen, outcome } from "../ledger/test-stores/bodies.ts";
import { every } from "../ledger/test-stores/every.ts";
import { isClosed, type SlotState } from "./slot-state.ts";
import { HOUR, obra, START } from "./test-slots/scene.ts";
import { SlotBook } from "./slot-book.ts";

takeOver();

const SLOTS = Array.from({ length: 6 }, (_, hour) => START + hour * HOUR);
const nowUs = (): number => Date.now() * 1000;
/** An attempt that is older is not sent, and after twice as long others take it for unknown. */
const SHORT_LIVED_US = 30_000_000;
const temper = { ...quietTemper, lostAnswer: 0.06, refused: 0.06, slow: 0.1, slowMs: 20_000 };

interface Seen {
  /** What `append` answered, whoever asked. */
  readonly answered: LedgerEntry[];
  /** `slot/day` of each time that a socket was opened. */
  readonly posts: string[];
  /** Nobody works before this virtual millisecond. */
  restUntilMs: number;
}

/** Sends as a submitter does, until its process ends. */
async function submit(documents: Documents, world: World, seen: Seen): Promise<never> {
  const given = obra();
  const book = await SlotBook.open(documents, await openLedger(documents, { nowUs }));
  const append = async (slotUs: number, decide: (state: SlotState) => EntryBody | undefined): Promise<LedgerEntry | undefined> => {
    const entry = await book.append(given, slotUs, { by: "submitter", decide });
    if (entry !== undefined) seen.answered.push(entry);
    return entry;
  };
  for (;;) {
    try {
      await book.ensure(given, { fromUs: START, toUs: START + SLOTS.length * HOUR });
      await book.catchUp(given);
      for (const slotUs of SLOTS) {
        await append(slotUs, ({ standing }) => (standing === "expected" ? frozen(slotUs) : undefined));
        await append(slotUs, ({ standing, attempts, lastAttemptUs }) => (standing === "sending" && nowUs() - (lastAttemptUs ?? 0) > 2 * SHORT_LIVED_US ? outcome(slotUs, attempts, "unknown") : undefined));
        const attempt = await append(slotUs, claim(dayOf(nowUs())));
        if (attempt?.body.kind !== "attempt") continue;
        const isSent = nowUs() - attempt.atUs < SHORT_LIVED_US && dayOf(nowUs()) === attempt.body.day;
        if (isSent) {
          seen.posts.push(`${slotUs}/${attempt.body.day}`);
          await pause(1000);
        }
        const number = attempt.body.attempt;
        const came = isSent ? world.random.pick(["accepted", "refused", "unknown", "unknown"] as const) : "unknown";
        await append(slotUs, ({ standing, attempts }) => (attempts === number && (standing === "sending" || standing === "unknown") ? outcome(slotUs, number, came, came === "accepted" ? "V" : null) : undefined));
      }
    } catch (error) {
      if (!(error instanceof CaudalError) || error.code === "corrupt") throw error;
    }
    await pause(Math.max(60_000, seen.restUntilMs - performance.now()));
  }
}

async function scene(seed: string): Promise<{ entries: number; posts: number; ended: number }> {
  const world = new World({ seed, tempers: { documents: temper } });
  const open = (process: SimulatedProcess): Documents => new SimulatedDocuments(world.documents, world.store("documents"), process);
  const seen: Seen = { answered: [], posts: [], restUntilMs: 0 };
  const faults: unknown[] = [];
  let number = 0;
  const started = (): SimulatedProcess => {
    const process = world.process(`p${++number}`);
    process.run(() => void submit(open(process), world, seen).catch((error: unknown) => error instanceof CaudalError && error.code !== "corrupt" || faults.push(error)));
    return process;
  };
  const processes = [started(), started()];
  for (let day = 0; day < 5; day++) {
    for (let step = 0; step < 8; step++) {
      await pause(world.random.between(1, 120_000));
      const at = world.random.whole(0, 1);
      if (world.random.chance(0.5)) {
        processes[at]!.end();
        processes[at] = started();
      } else processes[at]!.heldUntilMs = performance.now() + 60_000;
    }
    seen.restUntilMs = performance.now() + 20 * 3_600_000;
    await pause(20 * 3_600_000);
  }
  for (const process of processes) process.end();
  world.heal();
  assert.deepEqual(faults, []);
  const documents = open(world.process("auditor"));
  const ledger = await openLedger(documents, { nowUs });
  const book = await SlotBook.open(documents, ledger);
  await book.catchUp(obra());
  const entries = await every(ledger.entries(obra().work, 0));
  const check = new ChainCheck(obra().work);
  assert.deepEqual(entries.flatMap((entry) => check.next(entry)), []);
  for (const entry of seen.answered) assert.deepEqual(entries[entry.seq - 1], entry, "what was answered stands");
  assert.equal(new Set(seen.answered.map(({ seq }) => seq)).size, seen.answered.length, "and is nobody else's");
  const attempts = entries.flatMap(({ body }) => (body.kind === "attempt" ? [`${body.slotUs}/${body.day}`] : []));
  assert.equal(new Set(attempts).size, attempts.length, "one attempt a slot and day");
  assert.equal(new Set(seen.posts).size, seen.posts.length, "one POST a slot and day");
  for (const post of seen.posts) assert.ok(attempts.includes(post), "no POST without its attempt");
  assert.deepEqual(await book.rebuild(obra().work), { rows: SLOTS.length, changed: 0 }, "rows tell what the ledger holds");
  const states = (await book.find({ clients: "all" }, { work: obra().work })).items.map(({ state }) => state);
  for (const state of states) if (isClosed(state)) assert.ok(entries.filter(({ body }) => body.kind === "attempt" && body.slotUs === state.slotUs).length === state.attempts);
  return { entries: entries.length, posts: seen.posts.length, ended: number - 2 };
}

test("two submitters on a store that loses answers, refuses and is slow, killed and held for a minute at any moment: one POST a slot and day, nothing answered is lost, rows tell the ledger", async () => {
  const sums = { entries: 0, posts: 0, ended: 0 };
  for (let seed = 0; seed < 25; seed++) {
    const { entries, posts, ended } = await within({ seed: `slots-${seed}`, startUs: START, maxTurns: 2_000_000 }, () => scene(`slots-${seed}`));
    sums.entries += entries;
    sums.posts += posts;
    sums.ended += ended;
  }
  assert.ok(sums.entries > 600 && sums.posts > 200 && sums.ended > 300, JSON.stringify(sums));
});
