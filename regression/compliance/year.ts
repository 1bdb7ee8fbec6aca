import { generateKeyPairSync } from "node:crypto";
import type { Codec } from "@caudal/schemas";
import type { RegulatorQuirkName } from "../../sandbox/regulators/quirks.ts";
import { CredentialStore } from "../../compliance/credentials/credential-store.ts";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import { ObraBook } from "../../compliance/obras/obra-book.ts";
import { SlotBook } from "../../compliance/slots/slot-book.ts";
import { Random } from "../simulation/time/random.ts";
import type { VirtualTime } from "../simulation/time/virtual-time.ts";
import { quietTemper } from "../simulation/world/conditions.ts";
import { World } from "../simulation/world/world.ts";
import { Arrivals } from "./arrivals.ts";
import { readBooks } from "./books.ts";
import { feed, type Correction } from "./feeding.ts";
import { Fleet } from "./fleet.ts";
import type { JudgeInput } from "./judge-input.ts";
import { Ministry } from "./ministry.ts";
import { syntheticKey } from "./node.ts";
import { review, type Reviewed } from "./person.ts";
import type { OpenStores } from "./stores.ts";
import { PASSWORD, pointsOf, yearWorks } from "./works.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const USUAL_ENDS = 4;
/** A process stands still for so long: the shortest are over before an attempt is too old for its socket, the longest after its lease. */
const SHORT_HOLD_MS = 5000;
const LONG_HOLD_MS = 70_000;
/** Within so long a process comes to most of its steps. */
const ROUND_MS = 45 * 60_000;
const temper = { ...quietTemper, lostAnswer: 0.01, refused: 0.01, slow: 0.02, slowMs: 1500 };

/** What the regulator does in a window of trouble, and how often. */
const hostile: Readonly<Partial<Record<RegulatorQuirkName, number>>> = {
  "stores-then-drops": 0.05, "stores-then-hangs": 0.02, "stores-then-500": 0.05, "stores-then-html": 0.05, "stores-then-half-json": 0.05, "drops-before-storing": 0.05, "hangs-before-storing": 0.02, "http-500": 0.05, "http-503": 0.05,
  "html-page": 0.05, slow: 0.1, "blocked-403": 0.02, "blocked-429": 0.02, outage: 0.1, "no-voucher": 0.02, "refused-99": 0.05, "duplicate-in-capitals": 0.2, "duplicate-without-voucher": 0.1, "repeats-voucher": 0.01, forgets: 0.01,
  "stores-other-value": 0.01, "clock-behind": 0.1, "get-not-found": 0.02, "get-other-value": 0.02, "get-500": 0.1,
};
const always: Readonly<Partial<Record<RegulatorQuirkName, number>>> = { "not-informant": 0.04, "get-padded": 0.3 };

export interface YearOptions {
  readonly seed: string;
  readonly works: number;
  readonly days: number;
  /** Time for what is left over to be sent, at rest, when the last slot has come. */
  readonly drainDays: number;
  /** Ends by design in a window of trouble; 4 when absent, and the more there are the sooner one follows the other. */
  readonly ends?: number | undefined;
  readonly startUs: number;
  readonly codec: Codec;
  readonly time: VirtualTime;
  readonly openStores: OpenStores;
  readonly onDay?: (day: number) => void;
}

export interface YearRun extends JudgeInput, Reviewed {
  /** Named steps at which a process was ended, and how often. */
  readonly endedAt: ReadonlyMap<string, number>;
  readonly steps: ReadonlySet<string>;
  readonly windows: number;
  /** Of those, in which two processes ran at once. */
  readonly windowsOfTwo: number;
  readonly started: number;
  readonly heldAtStep: number;
  readonly faults: readonly string[];
}

/** Lives through the days: processes with their ends, clocks that are set, a ministry with its moods, and a person who looks at what is held. */
export async function liveYear({ seed, works: count, days, drainDays, ends = USUAL_ENDS, startUs, codec, time, openStores, onDay }: YearOptions): Promise<YearRun> {
  const world = new World({ seed, tempers: { documents: temper } });
  world.troubled = false;
  const random = new Random(`${seed}/year`);
  const writtenMs = new Map<string, number>();
  const nowMs = (): number => time.nowUs / 1000;
  const trueUs = (): number => time.nowUs;
  const stores = await openStores({ seed, world, time, onEntry: (id) => writtenMs.set(id, nowMs()) });
  const drafts = yearWorks(count, { startUs, endUs: startUs + days * DAY_MS * 1000 });
  const ministry = new Ministry({
    seed, nowMs, always, works: drafts.map(({ code, centreRut, informantRut }) => ({ code, centreRut, informantRut, password: PASSWORD })),
  });
  const people = await stores.open(world.process("people"));
  const obras = await ObraBook.open(people, trueUs);
  const credentials = await CredentialStore.open(people, syntheticKey);
  for (const draft of drafts) {
    await obras.put("ana", draft, "registered");
    await credentials.put("ana", "dga", { user: draft.informantRut, password: PASSWORD }, startUs);
  }
  const all = await obras.all();
  const slots = await SlotBook.open(people, await openLedger(people, { nowUs: trueUs }));
  const rootKeyPem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();

  const clock = { offsetUs: 0 };
  const clockSteps: { atMs: number; byMs: number }[] = [];
  const setClock = (offsetMs: number): void => {
    clockSteps.push({ atMs: nowMs(), byMs: offsetMs - clock.offsetUs / 1000 });
    clock.offsetUs = offsetMs * 1000;
  };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
  const fleet = new Fleet({ world, stores, ministry, codec, rootKeyPem, nowUs: () => time.nowUs + clock.offsetUs, trueMs: nowMs });
  const isNew = (step: string): boolean => !fleet.endedAt.has(step);
  fleet.armed = { at: isNew };
  fleet.start();
  const corrections: Correction[] = [];
  const reviewed: Reviewed = { confirmed: 0, annulled: 0 };
  let [windows, windowsOfTwo, turn, isOver] = [0, 0, 0, false];
  const fed = feed({ seed, arrivals: new Arrivals({ seed, points: pointsOf(drafts), fromUs: startUs, lateAlone: stores.isComputed }), stores, fleet, codec, nowMs, isOver: () => isOver }, corrections);

  const startMissing = async (wanted: number): Promise<void> => {
    while (fleet.alive < wanted) {
      if (fleet.alive === 0) {
        await pause(random.between(1000, 300_000));
        await stores.rest();
      }
      // Where a lease keeps two from one centre, nobody finds out what the chains are worth.
      fleet.start(fleet.alive === 0 || random.chance(0.3));
    }
  };

  /** Half a day's trouble: whoever comes to the armed step is ended there, and started again. */
  const trouble = async (): Promise<void> => {
    windows += 1;
    const hourMs = HOUR_MS * (USUAL_ENDS / ends);
    // What is done once, or at midnight, is done in trouble too.
    await pause(windows === 1 || random.chance(0.2) ? 1 : random.between(0, 12 * hourMs));
    world.troubled = true;
    for (const [quirk, share] of Object.entries(hostile)) ministry.show(quirk as RegulatorQuirkName, share);
    if (random.chance(0.7)) setClock(Math.round(random.between(-9, 9) * 60_000));
    const wanted = random.chance(0.5) ? 2 : 1;
    windowsOfTwo += wanted - 1;
    while (fleet.alive > wanted) fleet.end();
    for (let each = 0; each < ends; each++) {
      const step = fleet.steps[turn++ % Math.max(1, fleet.steps.length)];
      // Every step in order; by turns also one where nobody was ended yet, be it one of the start, and one where whoever comes there may stand still for a while. Who comes to none in time is ended where it stands.
      if (each % 2 === 0) fleet.armed = { at: (name) => isNew(name) || name === step };
      await startMissing(wanted);
      await pause(random.between(hourMs / 2, 2 * hourMs));
      if (random.chance(0.15)) fleet.hold(random.between(SHORT_HOLD_MS, LONG_HOLD_MS));
      if (each % 2 === 1) fleet.armed = { at: (name) => name === step, ...(random.chance(0.5) ? { heldMs: random.between(SHORT_HOLD_MS, LONG_HOLD_MS) } : {}) };
      const untilMs = performance.now() + Math.max(1.5 * hourMs, ROUND_MS);
      while (fleet.alive === wanted && fleet.armed !== undefined && performance.now() < untilMs) await pause(60_000);
      if (fleet.alive === wanted && fleet.armed !== undefined && random.chance(0.3)) fleet.end();
      fleet.armed = undefined;
    }
    // Where two ran in trouble they go on together at rest, until the next window.
    await startMissing(wanted);
    if (clock.offsetUs !== 0) setClock(0);
    world.troubled = false;
    for (const quirk of Object.keys(hostile)) ministry.show(quirk as RegulatorQuirkName, 0);
  };

  const everyDays = days > 60 ? 4 : 1;
  for (let day = 0; day < days + drainDays; day++) {
    const endMs = performance.now() + DAY_MS;
    if (day < days && day % everyDays === 0) await trouble();
    await pause(Math.max(1, endMs - performance.now()));
    await review(slots, all, random, reviewed);
    onDay?.(day);
  }
  isOver = true;
  fleet.endAll();
  await fed;
  const auditor = await stores.open(world.process("auditor"));
  const books = await readBooks({ documents: auditor, slots: await SlotBook.open(auditor, await openLedger(auditor, { nowUs: trueUs })), obras: all, rootKeyPem, writtenMs, nowUs: trueUs });
  await stores.close();
  return {
    ...books, ...reviewed, booked: ministry.booked, held: ministry.held.list(), clockSteps, heldSpans: fleet.heldSpans, heldAtStep: fleet.heldAtStep, unleasedSpans: fleet.unleasedSpans, corrections, endMs: nowMs(), endedAt: fleet.endedAt, steps: new Set(fleet.steps), windows, windowsOfTwo,
    started: fleet.started, faults: fleet.faults,
  };
}
