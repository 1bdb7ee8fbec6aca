import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationBody, pointIdOf, topics } from "@caudal/core";
import type { PointEvent } from "@caudal/schemas";
import { openStation, reading } from "../../processor/test-station.ts";
import { missingShared } from "./data-folder.ts";
import { replayMeter, together, type MeterFindings } from "./meter-replay.ts";
import { allMeters, carriedMeters, wholeFiles } from "./meters.ts";
import { rowKinds } from "./odd-rows.ts";
import { replayStrewn } from "./planted/whole-meters.ts";
import { hold, replaySeries, type Held } from "./replayed-series.ts";

const HOUR_US = 3_600_000_000;

function isRight(found: MeterFindings): void {
  assert.deepEqual(found.wrong, [], "consumption over every stretch between odd rows is last minus first");
  assert.equal(found.volumeL, found.countedL, "and nothing is lost or doubled at the odd ones");
  assert.deepEqual(found.mistaken, [], "each odd row has its reason, and no other row has one");
  const gaps = found.gaps.of("more than 3 h", "gap-before");
  assert.ok(gaps >= 0.99 * found.gaps.total("more than 3 h") && gaps > 0, "gaps are said");
  assert.equal(found.gaps.of("less", "gap-before"), 0);
}

test("the meters that the product carries, replayed whole: volume over each stretch is last minus first, each odd row has its reason", () => {
  const found = together(carriedMeters().map((meter) => replayMeter(meter).findings));
  isRight(found);
  assert.equal(found.rows, 87_637);
  assert.ok(found.reasons.of("step back", "jitter") >= 10 && found.reasons.of("dip", "spike") === 2, "there are odd rows in them");
});

test("all meters beside the checkout, replayed whole", { skip: missingShared(...wholeFiles) }, () => {
  const { meters } = allMeters();
  const found = together(meters.map((meter) => replayMeter(meter).findings));
  isRight(found);
  assert.ok(meters.length >= 24 && found.rows >= 183_847);
});

test("with faults strewn over their whole year the volume stays last minus first over every stretch, and the reading of the file sees what was planted", () => {
  const { reasons, readings, planted, right, stretches, wrong, worstL } = replayStrewn(carriedMeters().slice(0, 6), 1);
  assert.ok(planted > 200 && stretches > 150, `${planted} planted, ${stretches} stretches`);
  assert.equal(right, planted, JSON.stringify(reasons.table("is")));
  assert.deepEqual([wrong, worstL], [0, 0]);
  for (const kind of rowKinds) assert.equal(readings.of(kind, kind), readings.total(kind), kind);
});

test("a volume that is off by a litre, and a reason that is not the right one, are seen", () => {
  const meter = { key: "m", rows: [68_321, 68_330, 68_340, 68_335, 68_341].map((litres, hour) => ({ timeUs: hour * HOUR_US, text: String(litres), litres })) };
  assert.deepEqual(replayMeter(meter).findings.wrong, []);
  const otherwise = { ...meter, rows: meter.rows.map((row, index) => (index === 4 ? { ...row, litres: 68_342 } : index === 1 ? { ...row, text: "68300" } : row)) };
  const { wrong, mistaken } = replayMeter(otherwise).findings;
  assert.deepEqual(wrong.map(({ countedL, volumeL }) => [countedL, volumeL]), []);
  assert.deepEqual(mistaken.map(({ is, said }) => [is, said]), [["plain", "jitter"]]);
  const { findings } = replayMeter({ ...meter, rows: meter.rows.map((row, index) => (index === 2 ? { ...row, litres: 68_341 } : row)) });
  assert.deepEqual(findings.wrong.map(({ countedL, volumeL }) => [countedL, volumeL]), [[20, 19]]);
});

test("the processor over the embedded log tells what its functions tell", async (context) => {
  const station = await openStation();
  context.after(() => station.close());
  await station.start();
  const rows = carriedMeters()[4]!.rows.slice(4900, 5800);
  const point = pointIdOf("acme", "hogar-05");
  const setting: PointEvent = {
    eventId: "c", client: "acme", point, kind: "configuration", device: "", channel: "", source: "business", transport: "", observedAtUs: null, receivedAtUs: 1, causeId: "c", causePartition: -1, causeOffset: -1,
    samples: [], withdrawn: [], body: configurationBody({ variables: {}, settings: [{ validFromUs: null, values: { counter: "total" }, changedAtUs: 0, changedBy: "Ana" }] }), labels: {},
  };
  await station.publish(topics.points, { key: point, value: station.codec.encode("PointEvent", setting) });
  await station.send(...rows.map(({ timeUs, text }) => reading("hogar-05", 0, {}, { samples: [{ key: "meter_reading", value: text, unit: "L", timeUs }], observedAtUs: timeUs, receivedAtUs: timeUs + 60_000_000 })));
  await station.settled();
  const held: Held = new Map();
  for (const measurement of await station.measurements()) hold(held, measurement);
  const replayed = replaySeries(rows.map(({ timeUs, text }) => ({ timeUs, values: { meter_reading: text } })), { keys: { meter_reading: { variable: "total", unit: "L" } }, settings: { counter: "total" } });
  for (const variable of ["total", "volume", "flow_average"]) {
    const facts = replayed.of(variable);
    assert.ok(facts.length > 600, variable);
    for (const { timeUs, value, flag, reasons } of facts) {
      const fact = held.get(variable)?.get(timeUs);
      assert.deepEqual([fact?.value, fact?.flag, fact?.reasons], [value, flag, reasons], `${variable} ${timeUs}`);
    }
  }
});
