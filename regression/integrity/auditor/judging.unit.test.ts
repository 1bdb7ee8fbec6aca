import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { judgeArchive } from "./archive-judge.ts";
import { judgeDigests } from "./digest-judge.ts";
import type { Evidence, LiveEvent, TierFact } from "./evidence.ts";
import { expectFacts, type ExpectedFact, type KnownMessage } from "./expectation.ts";
import { judgeFact, type FactJudgement, type Shown } from "./fact-judge.ts";
import { findingKinds } from "./finding-kinds.ts";
import { Findings } from "./findings.ts";
import { LiveJudge } from "./live-judge.ts";
import { ParkedJudge } from "./parked-judge.ts";
import { outcomesOf } from "./reading-outcomes.ts";
import { reportText } from "./report.ts";

const place = { device: "d", point: "p", variable: "level", instantUs: 1000 };
const fact = (value: number | null, more: Partial<TierFact> = {}): TierFact => ({ instantUs: 1000, variable: "level", value, flag: 1, reasons: [], authority: 0, knownAtUs: 50, ...more });
const withdrawn = fact(null, { flag: 2, reasons: ["withdrawn"], knownAtUs: 60 });
const message = (seq: number, value: number, more: Partial<KnownMessage> = {}): KnownMessage => ({
  seq, device: "d", transport: "mqtt", atUs: seq, samples: [{ key: "level_m", timeUs: 1000, value }], expect: "stored", follows: null, outcome: "acknowledged", attempts: 1, ...more,
});
const expected = (...messages: readonly KnownMessage[]): ExpectedFact => expectFacts(messages, () => ({ variable: "level", unit: "m" }))[0]!;

function judged(due: ExpectedFact | undefined, facts: readonly (TierFact | undefined)[], floors: readonly number[] = []): { judgement: FactJudgement; kinds: string[] } {
  const findings = new Findings(20);
  const names = ["hot", "warm", "cold"];
  const shown = facts.map((one, at): Shown => ({ tier: names[at]!, floorUs: floors[at] ?? -Infinity, mustFromUs: floors[at] ?? -Infinity, fact: one }));
  return { judgement: judgeFact(place, due, shown, findings, () => false), kinds: findings.examples.map(({ kind, where }) => `${kind} ${where}`) };
}

suite("one fact in three tiers", () => {
  const cases: readonly (readonly [string, ExpectedFact | undefined, readonly (TierFact | undefined)[], readonly string[]])[] = [
    ["stands everywhere", expected(message(1, 5)), [fact(5), fact(5), fact(5)], []],
    ["is lost in one", expected(message(1, 5)), [fact(5), undefined, fact(5)], ["lost warm"]],
    ["is lost in all", expected(message(1, 5)), [undefined, undefined, undefined], ["lost hot", "lost warm", "lost cold"]],
    ["need not be there", expected(message(1, 5, { outcome: "unknown" })), [undefined, undefined, undefined], []],
    ["is in some tiers only, though nobody needs it", expected(message(1, 5, { outcome: "unknown" })), [undefined, fact(5), fact(5)], ["tiers-differ hot"]],
    ["is altered", expected(message(1, 5)), [fact(5), fact(5), fact(5.5)], ["altered cold", "tiers-differ hot", "tiers-differ warm"]],
    ["is stale everywhere", expected(message(1, 5), message(2, 6)), [fact(5), fact(5), fact(5)], ["stale hot", "stale warm", "stale cold"]],
    ["was invented", undefined, [undefined, undefined, fact(5)], ["invented cold", "tiers-differ hot", "tiers-differ warm"]],
    ["is there again by the edge's time", undefined, [fact(5, { reasons: ["edge-time"] })], ["doubled hot"]],
    ["was taken back by all", expected(message(1, 5)), [withdrawn, withdrawn, withdrawn], ["lost hot", "lost warm", "lost cold"]],
    ["was taken back and is still shown", expected(message(1, 5)), [fact(5), withdrawn, withdrawn], ["lost warm", "lost cold", "withdrawn-visible hot"]],
    ["was taken back before a tier saw it", undefined, [undefined, withdrawn, withdrawn], []],
    ["has another flag", expected(message(1, 5)), [fact(5, { flag: 3 }), fact(5), fact(5)], ["tiers-differ hot"]],
    ["has other reasons", expected(message(1, 5)), [fact(5, { reasons: ["late"] }), fact(5), fact(5)], ["tiers-differ hot"]],
    ["has another revision", expected(message(1, 5)), [fact(5), fact(5, { knownAtUs: 51 }), fact(5)], ["tiers-differ warm"]],
    ["tells no revision", expected(message(1, 5)), [fact(5, { authority: null, knownAtUs: null }), fact(5)], []],
  ];
  for (const [what, due, facts, kinds] of cases) test(what, () => assert.deepEqual(judged(due, facts).kinds, kinds));

  test("below a floor nothing is demanded and nothing may be shown", () => {
    assert.deepEqual(judged(expected(message(1, 5)), [undefined, fact(5), fact(5)], [2000]).kinds, []);
    assert.deepEqual(judged(expected(message(1, 5)), [fact(5), fact(5), fact(5)], [2000]).kinds, ["below-floor hot"]);
  });
});

suite("what becomes of each reading", () => {
  const outcomes = (messages: readonly KnownMessage[], facts: readonly (TierFact | undefined)[], notArchived: readonly number[] = []): string[] => {
    const due = expected(...messages);
    return outcomesOf(due, judged(due, facts).judgement, new Set(notArchived)).map(({ outcome }) => outcome);
  };

  test("stored, superseded, repeated", () => {
    assert.deepEqual(outcomes([message(1, 5)], [fact(5)]), ["stored"]);
    assert.deepEqual(outcomes([message(1, 5), message(2, 6)], [fact(6)]), ["superseded", "stored"]);
    assert.deepEqual(outcomes([message(1, 5), message(2, 5, { expect: "dropped:duplicate", follows: 1 })], [fact(5)]), ["stored", "dropped:duplicate"]);
    assert.deepEqual(outcomes([message(1, 5), message(2, 6), message(3, 5)], [fact(5)]), ["superseded", "superseded", "stored"]);
  });

  test("never acknowledged: there, or not taken", () => {
    assert.deepEqual(outcomes([message(1, 5, { outcome: "unknown" })], [fact(5)]), ["stored"]);
    assert.deepEqual(outcomes([message(1, 5, { outcome: "unknown" })], [undefined]), ["not-taken"]);
    assert.deepEqual(outcomes([message(1, 5), message(2, 6, { outcome: "unknown" })], [fact(5)]), ["stored", "not-taken"]);
  });

  test("faults are told of the reading that should stand", () => {
    assert.deepEqual(outcomes([message(1, 5)], [undefined]), ["lost"]);
    assert.deepEqual(outcomes([message(1, 5), message(2, 6)], [undefined]), ["lost", "lost"]);
    assert.deepEqual(outcomes([message(1, 5)], [fact(7)]), ["altered"]);
    assert.deepEqual(outcomes([message(1, 5)], [fact(5)], [1]), ["lost"]);
    assert.deepEqual(outcomes([message(1, 5), message(2, 6)], [fact(5)]).filter((one) => one === "stale").length, 1);
  });
});

suite("archive, parked, live, digests", () => {
  const archived = (value: number | string, more: object = {}) => ({ device: "d", rawSha256: "00", isWhole: true, samples: [{ key: "level_m", timeUs: 1000, value }], ...more });
  const kindsOf = (work: (findings: Findings) => void): string[] => {
    const findings = new Findings(20);
    work(findings);
    return findings.examples.map(({ kind }) => kind);
  };

  test("each acknowledged reading is archived as often as it was acknowledged, as text or number", () => {
    assert.deepEqual(kindsOf((findings) => void judgeArchive("d", [message(1, 5)], [archived("5")], findings)), []);
    assert.deepEqual(kindsOf((findings) => void judgeArchive("d", [message(1, 5), message(2, 5)], [archived(5)], findings)), ["not-archived"]);
    assert.deepEqual(kindsOf((findings) => void judgeArchive("d", [message(1, 5, { outcome: "unknown" })], [], findings)), []);
    assert.deepEqual(kindsOf((findings) => void judgeArchive("d", [message(1, 5)], [archived(5), archived(6)], findings)), ["archive-invented"]);
    assert.deepEqual(kindsOf((findings) => void judgeArchive("d", [message(1, 5)], [archived(5, { isWhole: false })], findings)), ["archive-damaged"]);
  });

  test("what should be parked is parked once an arrival", () => {
    const one = { seq: 1, device: "d", hashes: ["aa", "bb"], reason: "empty", outcome: "acknowledged", attempts: 1 };
    const event = { eventId: "1", client: "c", device: "d", group: "collector", reason: "empty", rawSha256: "bb" };
    const judge = (expectations: readonly (typeof one)[], events: readonly (Omit<typeof event, "rawSha256"> & { rawSha256: string | null })[]): string[] => kindsOf((findings) => {
      const parked = new ParkedJudge("c", findings);
      for (const each of expectations) parked.expect(each);
      for (const each of events) parked.take(each, true);
      parked.finish();
    });
    assert.deepEqual(judge([one], [event]), []);
    assert.deepEqual(judge([one], []), ["not-parked"]);
    assert.deepEqual(judge([{ ...one, outcome: "unknown" }], []), []);
    assert.deepEqual(judge([one], [event, { ...event, eventId: "2" }]), ["parked-doubled"]);
    assert.deepEqual(judge([{ ...one, attempts: 2 }], [event, { ...event, eventId: "2" }]), []);
    assert.deepEqual(judge([one], [{ ...event, reason: "too-deep" }]), ["parked-otherwise"]);
    assert.deepEqual(judge([], [event]), ["parked-invented"]);
    assert.deepEqual(judge([], [{ ...event, rawSha256: null }]), ["parked-invented"]);
    assert.deepEqual(judge([], [{ ...event, client: "another" }]), []);
  });

  const shownLive = (placeInLog: string, value: number | null, more: Partial<LiveEvent> = {}): LiveEvent => ({
    place: placeInLog, client: "c", point: "p", instantUs: 1000, receivedAtUs: 50, values: [{ variable: "level", value, flag: 1, reasons: [] }], ...more,
  });
  const live = (events: readonly LiveEvent[], due: ExpectedFact | undefined, standing: TierFact | undefined, completeFromUs = 0): string[] => kindsOf((findings) => {
    const judge = new LiveJudge("d", events, completeFromUs, findings);
    judge.judge(place, due, standing);
    judge.finish("p");
  });

  test("the live stream shows each fact as it stands, at least once, and no event twice", () => {
    assert.deepEqual(live([shownLive("0:1", 5)], expected(message(1, 5)), fact(5)), []);
    assert.deepEqual(live([shownLive("0:1", 5), shownLive("0:7", 6)], expected(message(1, 5), message(2, 6)), fact(6)), []);
    assert.deepEqual(live([], expected(message(1, 5)), fact(5)), ["live-missing"]);
    assert.deepEqual(live([], expected(message(1, 5)), fact(5), 51), []);
    assert.deepEqual(live([shownLive("0:1", 5), shownLive("0:1", 5)], expected(message(1, 5)), fact(5)), ["live-doubled"]);
    assert.deepEqual(live([shownLive("0:1", 5, { values: [{ variable: "level", value: 5, flag: 2, reasons: [] }] })], expected(message(1, 5)), fact(5)), ["live-missing"]);
    assert.deepEqual(live([shownLive("0:1", 9)], undefined, undefined), ["live-invented"]);
    assert.deepEqual(live([shownLive("0:1", 9, { instantUs: 7 })], undefined, undefined), ["live-invented"]);
  });

  test("an event that the log itself holds twice is noted", () => {
    const findings = new Findings(20);
    new LiveJudge("d", [shownLive("0:1", 5), shownLive("0:9", 5)], 0, findings);
    assert.equal(Object.values(findings.notes)[0], 1);
    assert.ok(findings.isEmpty);
  });

  test("digests of a day are one", async () => {
    const rows = [{ tier: "hot", dayStartUs: 0, facts: 1, hash: "a" }, { tier: "cold", dayStartUs: 0, facts: 1, hash: "b" }];
    const findings = new Findings(20);
    await judgeDigests({ device: "d", ref: { client: "c", point: "p" }, findings, evidence: { async *digests() { yield* rows; } } as unknown as Evidence });
    assert.deepEqual(findings.examples.map(({ kind, where }) => `${kind} ${where}`), ["digest-differs hot"]);
  });

  test("findings are counted without end and shown to a limit, and the report names each", () => {
    const findings = new Findings(2);
    for (let seq = 0; seq < 5; seq++) findings.add({ kind: "lost", where: "hot", device: "d", detail: "acknowledged, and not there", seq, instantUs: 1_000_001, key: "level_m", expected: ["x".repeat(300)] });
    findings.add({ kind: "invented", where: "cold", device: "", point: "p", detail: "a point", found: { value: 1 } });
    assert.deepEqual([findings.counts, findings.examples.length], [{ lost: 5, invented: 1 }, 3]);
    const text = reportText({
      ok: false, seed: "s", messages: 5, acknowledged: 5, readings: 5, outcomes: { lost: 5 }, findings: findings.counts, examples: findings.examples, notes: { "a note": 2 }, looked: {}, notGiven: ["live"], tookMs: 1500,
    });
    assert.match(text, /^FAULTS FOUND \(fleet s, 5 messages/);
    assert.match(text, new RegExp(`lost: 5 \\(${findingKinds.lost}\\)`));
    assert.match(text, /hot: d level_m 1970-01-01T00:00:01\.000001Z message 0: acknowledged, and not there; expected/);
    assert.match(text, /not given: live/);
  });
});
