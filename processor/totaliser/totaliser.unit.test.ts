import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, configurationEvent, H, sampleEvent, wordEvent, type Row } from "./test-counter.ts";

const hundred = { pulseFactorL: 100 } as const;
const hourly = (...counts: readonly (number | null)[]): Row[] => counts.map((count, index) => [index * H, count]);

test("pulses times factor, exactly: 42 817 pulses of 100 L are 4281.7 m3", () => {
  const bench = new Bench(hundred).rows("pulses", ...hourly(42_817, 42_820, 42_821));
  assert.deepEqual(bench.held.of("volume"), [[0, 4281.7, 1, "no-neighbour"], [H, 4282, 1], [2 * H, 4282.1, 1]]);
  assert.deepEqual(bench.held.values("pulses"), [42_817, 42_820, 42_821], "raw stays as it came");
  assert.deepEqual(bench.held.of("flow_average"), [[H, 0.0833333333333, 1], [2 * H, 0.0277777777778, 1]]);
});

test("18 m3 in an hour are 5 L/s", () => {
  assert.deepEqual(new Bench({ counter: "total" }).rows("total", [0, 100], [H, 118]).held.of("flow_average"), [[H, 5, 1]]);
});

test("without a factor pulses give no volume, and what they are is told all the same", () => {
  const bench = new Bench().rows("pulses", ...hourly(10, 12, 1_000_000), [6 * H, 3]);
  assert.deepEqual(bench.held.of("volume"), []);
  assert.deepEqual(bench.held.of("pulses").at(-1), [6 * H, 3, 3, "counter-reset", "estimated", "total-decreased"]);
});

test("a reset after a silence: what was counted stays, the interval is estimated and has no flow", () => {
  const bench = new Bench(hundred).rows("pulses", [0, 42_816], [H, 42_817], [6 * H, 12], [7 * H, 22]);
  assert.deepEqual(bench.held.of("volume").slice(2), [[6 * H, 4282.9, 3, "counter-reset", "estimated", "total-decreased"], [7 * H, 4283.9, 1]]);
  assert.deepEqual(bench.held.of("flow_average").map((fact) => (fact as number[])[0]), [H, 7 * H]);
  assert.deepEqual(bench.standing(), [`pulses@${6 * H}/reset`]);
});

test("trap 5: a negative count is a status code, never a measurement", () => {
  const bench = new Bench(hundred).rows("pulses", [0, 100], [H, -3200], [2 * H, -1], [3 * H, 104]);
  assert.deepEqual(bench.held.values("volume"), [10, 10.4]);
  assert.deepEqual(bench.held.of("pulses").slice(1, 3), [[H, -3200, 4, "below-range"], [2 * H, -1, 4, "below-range"]]);
  assert.deepEqual(bench.standing(), []);
  const none = new Bench({ counter: "total" }).rows("total", [0, 5], [H, null], [2 * H, 6]);
  assert.deepEqual(none.held.of("volume"), [[0, 5, 1, "no-neighbour"], [2 * H, 6, 1]]);
});

test("trap 6: a drop of more than 90 % without a gap is digits cut off, not a reset", () => {
  const bench = new Bench(hundred).rows("pulses", ...hourly(91_750, 91_755, 9175, 91_760));
  assert.deepEqual(bench.held.values("volume"), [9175, 9175.5, 9175.5, 9176]);
  assert.deepEqual(bench.held.of("pulses")[2], [2 * H, 9175, 3, "total-decreased", "truncated"]);
  assert.deepEqual(bench.held.of("pulses")[3], [3 * H, 91_760, 1], "what follows is as good as ever");
  assert.deepEqual(bench.standing(), [`pulses@${2 * H}/truncated`]);
});

test("a drop of more than 90 % is a reset once enough counts go on from it", () => {
  const bench = new Bench(hundred).rows("pulses", ...hourly(42_817, 12, 15));
  assert.deepEqual(bench.held.values("volume"), [4281.7, 4281.7, 4281.7]);
  bench.rows("pulses", [3 * H, 18], [4 * H, 20]);
  assert.deepEqual(bench.held.values("volume"), [4281.7, 4282.9, 4283.2, 4283.5, 4283.7]);
  assert.deepEqual(bench.standing(), [`pulses@${H}/reset`]);
});

test("trap 7: a reset met again on a replay is made once", () => {
  const events = hourly(1000, 1001).concat([[9 * H, 4], [10 * H, 5]]).map((row) => sampleEvent("pulses", row));
  const once = new Bench(hundred).tell(...events);
  const again = new Bench(hundred).tell(...events, ...events);
  assert.deepEqual(again.held.values("volume"), [100, 100.1, 100.5, 100.6]);
  assert.deepEqual(again.held.all(), once.held.all());
  // The very row once more, as another event: it takes the place of the first.
  again.rows("pulses", [9 * H, 4]);
  assert.deepEqual(again.held.all(), once.held.all());
  assert.equal(new Set(again.decisions.map(({ id }) => id)).size, 1);
});

test("trap 8: a jump is no baseline of its own and never freezes the total", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(100, 110, 50_000));
  assert.deepEqual(bench.held.of("volume")[2], [2 * H, 50_000, 3, "jump"], "flagged, not blocked");
  bench.rows("total", [3 * H, 50_010], [4 * H, 50_020], [5 * H, 50_030]);
  assert.deepEqual(bench.held.of("volume").slice(2), [[2 * H, 50_000, 3, "jump"], [3 * H, 50_010, 1], [4 * H, 50_020, 1], [5 * H, 50_030, 1]]);
  assert.deepEqual(bench.standing(), [`total@${2 * H}/jump`]);
  assert.deepEqual(bench.held.of("flow_average").map((fact) => (fact as number[])[0]), [H, 3 * H, 4 * H, 5 * H], "no flow over the jump");
});

test("a jump that falls back was a spike: the total goes on from where it was", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(100, 110, 50_000, 130));
  assert.deepEqual(bench.held.of("volume").slice(2), [[2 * H, 110, 3, "spike"], [3 * H, 130, 1]]);
});

test("a count that is too high, and no faster than may be, was a spike once the counts are on from before it, also after a silence; it is no reset", () => {
  const flipped = new Bench({ counter: "total" }).rows("total", ...hourly(307.728, 307.74, 320.028, 307.774, 307.774));
  assert.deepEqual(flipped.held.of("volume").slice(2), [[2 * H, 307.74, 3, "spike"], [3 * H, 307.774, 1], [4 * H, 307.774, 1]]);
  assert.deepEqual(flipped.standing(), [`total@${2 * H}/spike`]);
  const silent = new Bench({ counter: "total" }).rows("total", [0, 100], [H, 100.1], [9 * H, 17_413], [10 * H, 100.9], [11 * H, 101]);
  assert.deepEqual(silent.held.values("volume"), [100, 100.1, 100.1, 100.9, 101]);
});

test("one low count while much is drawn is a dip, and no counter that began anew just below", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(280.437, 280.849, 280.237, 281.673, 282.084));
  assert.deepEqual(bench.held.of("volume").slice(2), [[2 * H, 280.849, 3, "spike", "total-decreased"], [3 * H, 281.673, 1], [4 * H, 282.084, 1]]);
});

test("zero itself, some way from a turn, is no turn: the counter began anew", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(62.509, 0, 0, 0, 0.019));
  assert.deepEqual(bench.standing(), [`total@${H}/reset`]);
  assert.deepEqual(bench.held.values("volume"), [62.509, 62.509, 62.509, 62.509, 62.528]);
});

test("a total in litres goes round at 2^16 and at a million of them", () => {
  for (const [before, after] of [[65.53, 0.01], [999.99, 0.006]] as const) {
    const bench = new Bench({ counter: "total" }).rows("total", ...hourly(before, after, 0.03));
    assert.deepEqual(bench.standing(), [`total@${H}/rollover`]);
    assert.equal(bench.held.values("volume")[1], 0.016 + before);
  }
  const changed = new Bench({ counter: "total" }).rows("total", [0, 953], [90 * 24 * H, 14], [180 * 24 * H, 30]);
  assert.deepEqual(changed.standing(), [`total@${90 * 24 * H}/reset`], "whole m3 are of no register that counts litres");
});

test("a small meter that was changed counts up past its old count by the year: no dip", () => {
  const quarters = [12, 18, 1, 1, 2, 2, 5, 7, 10, 20, 27].map((total, quarter) => [quarter * 91 * 24 * H, total] as const);
  const bench = new Bench({ counter: "total" }).rows("total", ...quarters);
  assert.deepEqual(bench.standing(), [`total@${2 * 91 * 24 * H}/reset`]);
  assert.deepEqual(bench.held.values("volume"), [12, 18, 19, 19, 20, 20, 23, 25, 28, 38, 45]);
});

test("a step back by as much as a dial may wobble, after growth, is that and no spike before it", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(302.9, 303.19, 303.14, 303.21));
  assert.deepEqual(bench.held.of("total").slice(1), [[H, 303.19, 1], [2 * H, 303.14, 3, "jitter", "total-decreased"], [3 * H, 303.21, 1]]);
});

test("a count that was cut while water was drawn is cut all the same", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(91.755, 9.179, 91.793, 91.8));
  assert.deepEqual(bench.held.of("volume").slice(1), [[H, 91.755, 3, "total-decreased", "truncated"], [2 * H, 91.793, 1], [3 * H, 91.8, 1]]);
  const twoDigits = new Bench({ counter: "total" }).rows("total", ...hourly(43.517, 0.435, 43.52));
  assert.deepEqual(twoDigits.held.of("volume")[1], [H, 43.517, 3, "total-decreased", "truncated"], "cut where the total was told in litres");
});

test("growth of any size is taken after a reconnection", () => {
  const bench = new Bench({ counter: "total" }).rows("total", [0, 100], [3 * H, 90_000]);
  assert.deepEqual(bench.held.of("volume"), [[0, 100, 1, "no-neighbour"], [3 * H, 90_000, 1]]);
  assert.deepEqual(bench.held.of("flow_average"), [], "no flow over a gap");
});

test("trap 9: a total that goes back is not counted as flow", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(5000, 5010, 4000, 4012));
  assert.deepEqual(bench.held.values("volume"), [5000, 5010, 5010, 5022], "4000 m3 cannot have been counted in an hour");
  assert.deepEqual(bench.held.of("total")[2], [2 * H, 4000, 3, "counter-reset", "estimated", "total-decreased"]);
  assert.deepEqual(bench.held.of("flow_average"), [[H, 2.77777777778, 1], [3 * H, 3.33333333333, 1]]);
});

test("jitter: a small step back is ignored and flagged, whatever comes after", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(10, 10.02, 10.01, 10.02, 10.05));
  assert.deepEqual(bench.held.of("volume").slice(2), [[2 * H, 10.02, 3, "jitter", "total-decreased"], [3 * H, 10.02, 1], [4 * H, 10.05, 1]]);
  assert.deepEqual(bench.standing(), []);
});

test("three wrong counts in between, far above the noise: all are dips, none is a reset", () => {
  const bench = new Bench({ counter: "total" }).rows("total", ...hourly(120.5, 120.6, 108.4, 108.5, 108.6, 120.9, 121));
  assert.deepEqual(bench.held.values("volume"), [120.5, 120.6, 120.6, 120.6, 120.6, 120.9, 121]);
  assert.deepEqual(bench.held.of("total").slice(2, 5).map((fact) => (fact as unknown[]).slice(2)), Array.from({ length: 3 }, () => [3, "spike", "total-decreased"]));
  assert.deepEqual(bench.held.of("total").slice(5).map((fact) => (fact as unknown[])[2]), [1, 1]);
});

test("zero after a count waits until several confirm it", () => {
  const bench = new Bench(hundred).rows("pulses", ...hourly(500, 510, 0));
  assert.deepEqual(bench.held.of("volume")[2], [2 * H, 51, 3, "total-decreased", "zero-kept"]);
  const back = new Bench(hundred).rows("pulses", ...hourly(500, 510, 0, 520));
  assert.deepEqual(back.held.values("volume"), [50, 51, 51, 52]);
  bench.rows("pulses", [3 * H, 2], [4 * H, 4], [5 * H, 6]);
  assert.deepEqual(bench.held.values("volume"), [50, 51, 51, 51.2, 51.4, 51.6]);
  assert.deepEqual(bench.standing(), [`pulses@${2 * H}/reset`]);
});

for (const [modulus, before, after, passed] of [[65_536, 65_530, 4, 10], [4_294_967_296, 4_294_967_290, 6, 12], [1_000_000, 999_999, 2, 3], [10_000, 9_998, 1, 3]] as const) {
  test(`rollover at ${modulus}: ${before} and then ${after} are ${passed} more`, () => {
    const bench = new Bench({ pulseFactorL: 1000 }).rows("pulses", ...hourly(before - 1, before, after, after + 1));
    assert.deepEqual(bench.held.values("volume"), [before - 1, before, before + passed, before + passed + 1]);
    assert.deepEqual(bench.held.of("volume")[2], [2 * H, before + passed, 3, "rollover"]);
    assert.deepEqual(bench.held.of("flow_average").length, 3, "what passed is known exactly");
    assert.deepEqual(bench.standing(), [`pulses@${2 * H}/rollover`]);
  });
}

test("a modulus that a person gave is no guess: any plausible difference is a turn, and it is good", () => {
  const bench = new Bench({ counter: "total", counterModulus: 5000 }).rows("total", ...hourly(4600, 4700, 100));
  assert.deepEqual(bench.held.of("volume")[2], [2 * H, 5100, 1, "rollover"]);
});

test("a meter swap is a person's word between two counts: both dials' readings count", () => {
  const bench = new Bench(hundred).rows("pulses", ...hourly(1000, 1010)).rows("pulses", [2 * H, 5], [3 * H, 8]);
  bench.tell(wordEvent({ variable: "pulses", atS: 1.5 * H, verdict: "swap", finalCount: 1012, initialCount: 2 }));
  assert.deepEqual(bench.held.of("volume").slice(2), [[2 * H, 101.5, 1, "meter-swap"], [3 * H, 101.8, 1]]);
  assert.deepEqual(bench.standing(), [`pulses@${2 * H}/swap`]);
  bench.tell(wordEvent({ variable: "pulses", atS: 1.5 * H, verdict: null }));
  assert.deepEqual(bench.held.of("volume")[2], [2 * H, 101, 3, "total-decreased", "truncated"], "taken back, it is the machine's again");
});

test("a person undoes a reset, and what followed is computed anew", () => {
  const bench = new Bench(hundred).rows("pulses", [0, 1000], [5 * H, 600], [6 * H, 610]);
  assert.deepEqual(bench.held.values("volume"), [100, 160, 161]);
  bench.tell(wordEvent({ variable: "pulses", atS: 5 * H, verdict: "ignore" }));
  assert.deepEqual(bench.held.of("volume"), [[0, 100, 1, "no-neighbour"], [5 * H, 100, 3, "ignored"], [6 * H, 100, 3, "ignored"]]);
  assert.deepEqual(bench.standing(), [`pulses@${5 * H}/ignored`, `pulses@${6 * H}/ignored`]);
  bench.rows("pulses", [7 * H, 1010]);
  assert.deepEqual(bench.held.values("volume").at(-1), 101, "the count is back");
  bench.tell(wordEvent({ variable: "pulses", atS: 5 * H, verdict: null }));
  assert.deepEqual(bench.standing(), [`pulses@${5 * H}/dip`, `pulses@${6 * H}/dip`], "by now the machine sees it too");
  bench.tell(wordEvent({ variable: "pulses", atS: 5 * H, verdict: "reset" }));
  assert.deepEqual(bench.held.values("volume"), [100, 160, 161, 201]);
  assert.deepEqual(bench.held.of("volume")[1], [5 * H, 160, 1, "counter-reset", "estimated"], "confirmed, it is suspect no more");
});

test("a person takes a truncated number for a reset, a rollover or growth", () => {
  const cut = (): Bench => new Bench(hundred).rows("pulses", ...hourly(91_750, 91_755, 9175));
  assert.equal(cut().tell(wordEvent({ variable: "pulses", atS: 2 * H, verdict: "reset" })).held.values("volume")[2], 10_093);
  assert.equal(cut().tell(wordEvent({ variable: "pulses", atS: 2 * H, verdict: "accept" })).held.values("volume")[2], 10_093);
  assert.equal(cut().tell(wordEvent({ variable: "pulses", atS: 2 * H, verdict: "rollover", modulus: 100_000 })).held.values("volume")[2], 10_917.5);
  const jump = new Bench({ counter: "total" }).rows("total", ...hourly(1, 90_000)).tell(wordEvent({ variable: "total", atS: H, verdict: "accept" }));
  assert.deepEqual(jump.held.of("volume")[1], [H, 90_000, 1]);
});

test("words that cannot be read are parked, and so is the one too many", async () => {
  const { judgeEvent } = await import("../judging/judge-event.ts");
  const bench = new Bench(hundred);
  const bad = ["{", "3", '{"variable":"pulses"}', '{"variable":"pulses","timeUs":1,"verdict":"nonsense","author":"a","reason":""}', '{"variable":"pulses","timeUs":1,"verdict":"rollover","author":"a","reason":""}',
    '{"variable":"pulses","timeUs":1,"verdict":"swap","finalCount":-1,"author":"a","reason":""}', '{"variable":"pulses","timeUs":1,"verdict":"reset"}'];
  for (const body of bad) assert.equal(judgeEvent(bench.state, { ...wordEvent({ variable: "pulses", atS: 0, verdict: null }), body }).kind, "park", body);
  for (let at = 0; at < 1000; at++) bench.tell(wordEvent({ variable: "pulses", atS: at, verdict: "ignore" }));
  assert.equal(judgeEvent(bench.state, wordEvent({ variable: "pulses", atS: 1000, verdict: "ignore" })).kind, "park");
});

test("another factor from an instant on: what was counted before keeps its m3", () => {
  const bench = new Bench().tell(configurationEvent([{ fromS: null, values: { pulseFactorL: 100 } }, { fromS: 1.5 * H, values: { pulseFactorL: 10 } }])).rows("pulses", ...hourly(1000, 1010, 1020, 1030));
  assert.deepEqual(bench.held.values("volume"), [100, 101, 101.1, 101.2]);
  assert.deepEqual(bench.held.of("flow_average").map((fact) => (fact as number[])[0]), [H, 3 * H]);
});

test("settings hold from their instants on, so what is remembered is computed again", () => {
  const bench = new Bench().rows("pulses", ...hourly(1000, 1010, 1020));
  bench.tell(configurationEvent([{ fromS: null, values: { pulseFactorL: 100 } }]));
  assert.deepEqual(bench.held.values("volume"), [100, 101, 102]);
  bench.tell(configurationEvent([{ fromS: null, values: { pulseFactorL: 10 } }]));
  assert.deepEqual(bench.held.values("volume"), [10, 10.1, 10.2]);
  bench.tell(configurationEvent([]));
  assert.deepEqual(bench.held.values("volume"), [], "no factor, no volume");
});
