import assert from "node:assert/strict";
import { test } from "node:test";
import { emptySeries } from "./test-series.ts";
import { readWindows } from "./fact-windows.ts";
import { earlierSlots, isOwed } from "./earlier-slots.ts";
import { confirmedOf } from "./look.ts";
import { lateRevisions } from "./late-revision.ts";
import { sameTaken, selectFrom } from "./selection.ts";
import { seriesByAge } from "./series-by-age.ts";
import { factWindows, HOUR_US, MINUTE_US, SLOT_US, testObra, type GivenFact } from "./test-facts.ts";
import { valuesOf } from "./values.ts";
import type { EntryBody, LedgerEntry, TakenValue } from "../ledger/entry.ts";

const obra = testObra();
const around = (...flows: readonly (readonly [minutes: number, fact: GivenFact])[]): ReturnType<typeof factWindows> =>
  factWindows({ "p7/flow": flows.map(([minutes, fact]) => [SLOT_US + Math.round(minutes * MINUTE_US), fact] as const), "p7/total": [[SLOT_US, 1010.7]], "p7/depth": [[SLOT_US, 9.851]] });
const takenFlow = (facts: ReturnType<typeof factWindows>): [number, number] | undefined => {
  const found = selectFrom(facts, obra, SLOT_US).taken.find(({ variable }) => variable === "flow");
  return found === undefined ? undefined : [(found.instantUs - SLOT_US) / MINUTE_US, Number(found.value)];
};

test("the measurement nearest to the instant is taken, of two as near the earlier, with its own instant", () => {
  assert.deepEqual(takenFlow(around([-4, 1], [-1, 2], [2, 3])), [-1, 2]);
  assert.deepEqual(takenFlow(around([-3, 1], [2, 3], [4, 5])), [2, 3]);
  assert.deepEqual(takenFlow(around([-2, 1], [2, 3])), [-2, 1]);
  assert.deepEqual(takenFlow(around([-2, 1], [0, 2], [2, 3])), [0, 2]);
});

test("both ends of the window belong to it, a microsecond beyond does not", () => {
  assert.deepEqual(takenFlow(around([-5, 1])), [-5, 1]);
  assert.deepEqual(takenFlow(around([5, 1])), [5, 1]);
  for (const beyondUs of [SLOT_US - 5 * MINUTE_US - 1, SLOT_US + 5 * MINUTE_US + 1]) {
    assert.equal(takenFlow(factWindows({ "p7/flow": [[beyondUs, 1]] })), undefined);
  }
});

test("what was taken back counts as absent, and a code without a value is passed over for the next measurement", () => {
  assert.deepEqual(takenFlow(around([0, { value: null, flag: 4, reasons: ["withdrawn"] }], [-1, 2])), [-1, 2]);
  assert.deepEqual(takenFlow(around([0, { value: null, flag: 4, reasons: ["sentinel"] }], [3, 2])), [3, 2]);
  const gone = factWindows({ "p7/flow": [[SLOT_US, { value: null, flag: 4, reasons: ["withdrawn"] }]] });
  assert.equal(selectFrom(gone, obra, SLOT_US).isEmpty, true);
  const code = factWindows({ "p7/flow": [[SLOT_US, { value: null, flag: 4, reasons: ["sentinel"] }]] });
  assert.equal(selectFrom(code, obra, SLOT_US).isEmpty, false);
  assert.deepEqual(selectFrom(code, obra, SLOT_US).missing, [{ quantity: "flow", why: "invalid" }, { quantity: "total", why: "none" }, { quantity: "depth", why: "none" }]);
});

test("values, instants, revision, flag and reasons are kept as they were measured", () => {
  const { values, taken, missing } = selectFrom(around([1, { value: 15.314, flag: 2, reasons: ["late"], knownAtUs: SLOT_US + 7 * MINUTE_US }]), obra, SLOT_US);
  assert.deepEqual(values, { flowLps: 15.314, totalM3: 1010.7, depthM: 9.851 });
  assert.deepEqual(missing, []);
  assert.deepEqual(taken[0], { variable: "flow", point: "p7", value: "15.314", instantUs: SLOT_US + MINUTE_US, knownAtUs: SLOT_US + 7 * MINUTE_US, flag: 2, reasons: ["late"] });
});

test("a slot settles after its instant and after the newest word about it", () => {
  const settle = 10 * MINUTE_US;
  assert.equal(selectFrom(around([0, 1]), obra, SLOT_US).settledAtUs, SLOT_US + settle);
  assert.equal(selectFrom(around([0, 1], [4, { value: 2, knownAtUs: SLOT_US + 30 * MINUTE_US }]), obra, SLOT_US).settledAtUs, SLOT_US + 30 * MINUTE_US + settle);
  const quick = { ...obra, settleMinutes: 0 };
  assert.equal(selectFrom(around([-3, 1]), quick, SLOT_US).settledAtUs, SLOT_US + 3 * MINUTE_US, "until then one could come that is as near");
  assert.equal(selectFrom(around([-4, 1], [3, 2]), obra, SLOT_US, SLOT_US + 2 * MINUTE_US).taken[0]?.value, "1", "nothing from the future");
});

const twoMeters = testObra({ water: "surface-flowmeter", feeds: ["a", "b"].flatMap((point) => [{ quantity: "flow" as const, point, variable: "flow" }, { quantity: "total" as const, point, variable: "total" }]) });

test("several meters are added up exactly, and only when each has a value within the window", () => {
  const both = factWindows({ "a/flow": [[SLOT_US, 0.1]], "b/flow": [[SLOT_US + MINUTE_US, 0.2]], "a/total": [[SLOT_US, 1000.1]], "b/total": [[SLOT_US - MINUTE_US, 2000.2]] });
  assert.deepEqual(selectFrom(both, twoMeters, SLOT_US).values, { flowLps: 0.3, totalM3: 3000.3 });
  const stale = factWindows({ "a/flow": [[SLOT_US, 0.1]], "b/flow": [[SLOT_US, 0.2]], "a/total": [[SLOT_US, 1000]], "b/total": [[SLOT_US - 6 * MINUTE_US, 2000]] });
  const { values, missing, taken } = selectFrom(stale, twoMeters, SLOT_US);
  assert.deepEqual(values, { flowLps: 0.3 }, "never a stale sum, and never half of one");
  assert.deepEqual(missing, [{ quantity: "total", why: "partial" }]);
  assert.equal(taken.length, 3, "what there is stands beside it");
});

test("a variable whose unit nobody knows gives no value", () => {
  const odd = testObra({ feeds: [{ quantity: "flow", point: "p7", variable: "caudal_raro" }, { quantity: "total", point: "p7", variable: "total" }], levelMayBeMissing: true });
  const { values, missing } = selectFrom(factWindows({ "p7/caudal_raro": [[SLOT_US, 5]], "p7/total": [[SLOT_US, 10]] }), odd, SLOT_US);
  assert.deepEqual([values, missing], [{ totalM3: 10 }, [{ quantity: "flow", why: "unit" }]]);
  assert.deepEqual(valuesOf(twoMeters, []), {});
});

test("earlier slots and what is owed follow the work's schedule, in UTC-4", () => {
  assert.deepEqual(earlierSlots(obra, SLOT_US, 3), [3, 2, 1].map((back) => SLOT_US - back * HOUR_US));
  const monthly = testObra({ standard: "menor" });
  assert.deepEqual(earlierSlots(monthly, Date.UTC(2026, 2, 1, 4) * 1000, 2), [Date.UTC(2026, 0, 1, 4) * 1000, Date.UTC(2026, 1, 1, 4) * 1000]);
  assert.deepEqual(earlierSlots(testObra({ standard: "custom", everyMinutes: 15 }), SLOT_US, 1), [SLOT_US - 15 * MINUTE_US]);
  assert.equal(earlierSlots(testObra({ standard: "caudales-muy-pequenos" }), SLOT_US, 3).length, 3);
  assert.equal(isOwed(obra, SLOT_US), true);
  assert.equal(isOwed(obra, SLOT_US + 1), false);
  assert.equal(isOwed({ ...obra, submitFromUs: SLOT_US + 1 }, SLOT_US), false);
  assert.equal(isOwed({ ...obra, endsUs: SLOT_US }, SLOT_US), false);
  assert.equal(isOwed(testObra({ standard: "medio" }), SLOT_US), false);
});

test("hours that lie near are one read a point, months are one each", async () => {
  const reads: number[] = [];
  const series = emptySeries((query) => reads.push(query.toUs - query.fromUs));
  const window = (at: number): { fromUs: number; toUs: number } => ({ fromUs: at - 5 * MINUTE_US, toUs: at + 5 * MINUTE_US });
  await readWindows(series, obra, Array.from({ length: 24 }, (_, hour) => window(SLOT_US - hour * HOUR_US)));
  assert.deepEqual(reads, [23 * HOUR_US + 10 * MINUTE_US + 1]);
  reads.length = 0;
  await readWindows(series, obra, [0, 31, 61].map((days) => window(SLOT_US - days * 24 * HOUR_US)));
  assert.deepEqual(reads, [1, 2, 3].map(() => 10 * MINUTE_US + 1));
  reads.length = 0;
  await readWindows(series, obra, Array.from({ length: 72 }, (_, hour) => window(SLOT_US - hour * HOUR_US)));
  assert.deepEqual(reads, [1, 2, 3].map(() => 23 * HOUR_US + 10 * MINUTE_US + 1), "no read reaches further than a day");
});

test("what warm may have forgotten is read from cold", () => {
  const asked: string[] = [];
  const tier = (name: string): ReturnType<typeof emptySeries> => emptySeries(() => asked.push(name));
  const days = (count: number): number => SLOT_US - count * 24 * HOUR_US;
  const series = seriesByAge({ warm: { ...tier("warm"), capabilities: { revisions: "latest", durable: "always", retentionMs: 30 * 86_400_000 } }, cold: tier("cold"), nowUs: () => SLOT_US });
  for (const fromUs of [days(1), days(29), days(30)]) series.read({ clients: "all" }, { client: "acme", point: "p7", fromUs, toUs: SLOT_US });
  assert.deepEqual(asked, ["warm", "warm", "cold"]);
});

const entry = (body: EntryBody): LedgerEntry => ({ work: obra.work, seq: 1, atUs: 0, by: "x", previous: "", body, hash: "" });
const flow = (value: string, instantUs = SLOT_US, more: Partial<TakenValue> = {}): TakenValue => ({ variable: "flow", point: "p7", value, instantUs, knownAtUs: instantUs, flag: 1, reasons: [], ...more });
const frozen = (...taken: TakenValue[]): LedgerEntry => entry({ kind: "frozen", slotUs: SLOT_US, version: 1, path: "", headers: {}, payload: "", sha256: "", taken });

test("a later revision: another value, a nearer one, one that is bad now or taken back; the same value is nothing, and none is told twice", () => {
  const revised = (facts: readonly (readonly [number, GivenFact])[], entries = [frozen(flow("3"))]): unknown[] =>
    lateRevisions(obra, SLOT_US, factWindows({ "p7/flow": facts.map(([minutes, fact]) => [SLOT_US + minutes * MINUTE_US, fact] as const) }), entries).map(({ value, flag }) => [value, flag]);
  assert.deepEqual(revised([[0, { value: 3, knownAtUs: SLOT_US + HOUR_US }]]), []);
  assert.deepEqual(revised([[0, 4]]), [["4", 1]]);
  assert.deepEqual(revised([[0, { value: 3, flag: 4 }]]), [["3", 4]]);
  assert.deepEqual(revised([[0, { value: null, flag: 4, reasons: ["withdrawn"] }]]), [["", 4]]);
  assert.deepEqual(revised([[0, 3], [1, 9]]), [], "one that is farther away");
  const far = [frozen(flow("3", SLOT_US - 4 * MINUTE_US))];
  assert.deepEqual(revised([[-4, 3], [1, 9]], far), [["9", 1]]);
  assert.deepEqual(revised([[-4, 3], [1, 3]], far), []);
  const told = [...far, entry({ kind: "late-revision", slotUs: SLOT_US, taken: flow("9", SLOT_US + MINUTE_US) })];
  assert.deepEqual(revised([[-4, 3], [1, 9]], told), []);
  assert.deepEqual(revised([[-4, 3]], told), [["3", 1]], "and back again");
  assert.deepEqual(revised([], [frozen(flow("3"))]), [], "nothing in reach says nothing");
  assert.deepEqual(revised([[0, 4]], []), [], "never frozen");
});

test("a person's confirmation holds for what was held, until it is held again", () => {
  const held = entry({ kind: "held", slotUs: SLOT_US, reasons: ["beyond-right"], taken: [flow("99")] });
  const reviewed = (decision: "confirm" | "annul"): LedgerEntry => entry({ kind: "reviewed", slotUs: SLOT_US, decision, reason: "seen" });
  assert.equal(confirmedOf([held]), undefined);
  assert.ok(sameTaken(confirmedOf([held, reviewed("confirm")]) ?? [], [flow("99")]));
  assert.equal(confirmedOf([held, reviewed("annul")]), undefined);
  assert.equal(confirmedOf([held, reviewed("confirm"), held]), undefined);
  assert.ok(!sameTaken([flow("99")], [flow("98")]) && !sameTaken([flow("99")], []));
});
