import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deviceKinds } from "../kinds/kind.ts";
import { troubleNames } from "../troubles/troubles.ts";
import { createFleet, type FleetOptions } from "./fleet.ts";
import { payloadOf, waitsFor, type FleetMessage } from "./message.ts";
import type { TruthEvent } from "../truth/truth-event.ts";

const START_US = Date.UTC(2026, 2, 1) * 1000;
const STEP_US = 900_000_000;

function played(options: Partial<FleetOptions>, steps = 60): { readonly messages: readonly FleetMessage[]; readonly truth: readonly TruthEvent[] } {
  const truth: TruthEvent[] = [];
  const messages = [...createFleet({ seed: "a", devices: 12, startUs: START_US, endUs: START_US + steps * STEP_US, ...options }).messages((event) => truth.push(event))];
  return { messages, truth };
}

const anyFleet = fc.record({
  seed: fc.string(),
  devices: fc.integer({ min: 1, max: 30 }),
  kinds: fc.uniqueArray(fc.constantFrom(...deviceKinds), { minLength: 1 }),
  intervalS: fc.constantFrom(0.001, 0.25, 1, 60, 900, 14_400),
  troubles: fc.subarray([...troubleNames]),
  steps: fc.integer({ min: 1, max: 150 }),
}).map(({ steps, ...options }) => ({ ...options, startUs: START_US, endUs: START_US + steps * options.intervalS * 1e6 }));

test("the same options are the same fleet, byte for byte; another seed is another one", () => {
  fc.assert(fc.property(anyFleet, (options) => {
    const [first, second] = [played(options), played(options)];
    assert.equal(JSON.stringify(first), JSON.stringify(second));
    assert.deepEqual(first.messages.map((message) => payloadOf(message)), second.messages.map((message) => payloadOf(message)));
  }), { numRuns: 40 });
  assert.notEqual(JSON.stringify(played({ seed: "a" })), JSON.stringify(played({ seed: "b" })));
});

test("messages go out in order, numbered; what repeats or corrects comes after what it is about", () => {
  fc.assert(fc.property(anyFleet, (options) => {
    const { messages } = played(options);
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    messages.forEach((message, at) => {
      assert.equal(message.seq, at + 1);
      assert.ok(message.atUs >= (messages[at - 1]?.atUs ?? START_US) && message.atUs <= options.endUs);
      const before = waitsFor(message);
      if (before === undefined) return;
      assert.ok(before < message.seq);
      assert.equal(bySeq.get(before)?.device, message.device);
    });
  }), { numRuns: 40 });
});

test("a device says each key once an instant, but for what it repeats or corrects on purpose", () => {
  fc.assert(fc.property(anyFleet, (options) => {
    const said = new Map<string, number>();
    for (const message of played(options).messages) {
      for (const { key, timeUs, value } of message.samples) {
        const place = `${message.device} ${key} ${timeUs}`;
        if (message.repeats !== undefined) assert.equal(said.get(place), value);
        else if (message.corrects !== undefined) assert.notEqual(said.get(place) ?? value, value);
        else assert.equal(said.has(place), false, place);
        said.set(place, value);
      }
    }
  }), { numRuns: 40 });
});

test("a value is the number that its text writes, with at most 15 digits, and its payload says it and nothing else", () => {
  for (const message of played({ devices: 48 }).messages) {
    for (const { timeUs, value } of message.samples) {
      assert.equal(Number(value.toPrecision(15)), value);
      assert.equal(timeUs % 1000, 0);
    }
    if (message.raw !== undefined) continue;
    const { ts, device_id, ...values } = JSON.parse(payloadOf(message, { device: true })) as Record<string, unknown>;
    assert.equal(ts, (message.samples[0]?.timeUs ?? NaN) / 1000);
    assert.equal(device_id, message.device);
    assert.deepEqual(values, Object.fromEntries(message.samples.map(({ key, value }) => [key, value])));
  }
});

test("troubles of the way leave what is measured alone", () => {
  const none = played({ troubles: [] });
  const way = played({ troubles: ["outage", "late", "duplicate", "corrected", "malformed"] });
  const said = (messages: readonly FleetMessage[]): readonly string[] => messages.filter((message) => waitsFor(message) === undefined && message.raw === undefined).map((message) => `${message.device} ${payloadOf(message)}`).sort();
  assert.deepEqual(said(way.messages), said(none.messages));
  assert.deepEqual(new Set(none.messages.flatMap(({ kinds }) => kinds)), new Set());
});

test("a large fleet begins at once and is played message by message", () => {
  const messages = createFleet({ seed: "large", devices: 100_000, startUs: START_US }).messages();
  const devices = new Set<string>();
  for (let count = 0; count < 50_000; count++) devices.add(messages.next().value?.device ?? "");
  assert.ok(devices.size > 49_000, String(devices.size));
  messages.return();
});

test("the keys of every kind are listed, device by device", () => {
  const devices = [...createFleet({ seed: "a", devices: 5, startUs: START_US }).devices()];
  assert.deepEqual(devices.map(({ device }) => device), ["household-00001", "well-00002", "channel-00003", "kettle-00004", "household-00005"]);
  assert.deepEqual(devices[1]?.keys, [{ key: "total_m3", variable: "total", unit: "m3" }, { key: "flow_lps", variable: "flow", unit: "L/s" }, { key: "depth_m", variable: "depth", unit: "m" }]);
});

test("options out of bounds are named", () => {
  const wrong: readonly (readonly [Partial<FleetOptions>, RegExp])[] = [
    [{ devices: 0 }, /devices/], [{ devices: 1.5 }, /devices/], [{ intervalS: 0 }, /intervalS/], [{ intervalS: 20_000 }, /intervalS/], [{ kinds: [] }, /kinds/], [{ startUs: 1.5 }, /startUs/], [{ troubles: ["rust"] }, /"rust" is no trouble/],
  ];
  for (const [options, message] of wrong) assert.throws(() => createFleet({ seed: "a", devices: 1, startUs: START_US, ...options }), { name: "RangeError", message });
});
