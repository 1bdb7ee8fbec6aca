import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deviceForm } from "./device-form.ts";
import { DeviceState } from "./device-state.ts";
import { DuplicateMemory, MAX_SHELVES, OPEN_TIMES, REMEMBERED_US } from "./duplicate-memory.ts";
import { Mapping } from "./mapping.ts";
import { Shelf } from "./shelf.ts";

const S = 1_000_000;
const T0 = 1_772_366_400 * S;
const none = (): undefined => undefined;

test("a time with the same newest value is known; another value, or another time, is new", () => {
  const memory = new DuplicateMemory();
  assert.equal(memory.admit("flow", T0, 1.5, none), true);
  assert.equal(memory.admit("flow", T0, 1.5, none), false);
  assert.equal(memory.admit("total", T0, 1.5, none), true, "another key");
  assert.equal(memory.admit("flow", T0 + S, 1.5, none), true, "an equal value at another time is no duplicate");
  assert.equal(memory.admit("flow", T0, 2, none), true, "the source changed its mind");
  assert.equal(memory.admit("flow", T0, 2, none), false);
  assert.equal(memory.admit("flow", T0, 1.5, none), true, "and back: the newest value counts");
});

test("what is older than the memory goes on, again and again", () => {
  const memory = new DuplicateMemory();
  memory.admit("flow", T0, 1, none);
  const old = T0 - REMEMBERED_US - 1;
  assert.deepEqual([memory.admit("flow", old, 1, none), memory.admit("flow", old, 1, none)], [true, true]);
  assert.deepEqual([memory.admit("flow", old + 1, 1, none), memory.admit("flow", old + 1, 1, none)], [true, false]);
});

test("sealed times are known through their shelf, which says beforehand that it is wanted", () => {
  const memory = new DuplicateMemory();
  for (let at = 0; at < OPEN_TIMES; at++) assert.equal(memory.admit("flow", T0 + at * S, at, none), true);
  assert.equal(memory.sealed.size, 1);
  assert.equal(memory.admit("flow", T0 + 5 * S, 5, none), false, "sealed and not stored yet");
  const stored = new Map([...memory.sealed].map(([seq, shelf]) => [seq, Shelf.unpack(seq, shelf.pack())]));
  memory.sealed.clear();
  assert.deepEqual(memory.wants("flow", T0 + 5 * S), [0]);
  assert.deepEqual(memory.wants("flow", T0 + 9999 * S), [], "newer than all that is known");
  assert.deepEqual(memory.wants("nobody", T0), []);
  assert.equal(memory.admit("flow", T0 + 5 * S, 5, (seq) => stored.get(seq)), false);
  assert.equal(memory.admit("flow", T0 + 5 * S, 6, (seq) => stored.get(seq)), true);
  assert.equal(memory.admit("flow", T0 + 5 * S, 6, (seq) => stored.get(seq)), false, "what is at hand counts before what is shelved");
  assert.equal(memory.admit("flow", T0 + (OPEN_TIMES - 1) * S, OPEN_TIMES - 1, none), false, "the newest is known without its shelf");
});

test("shelves are bounded in number and forgotten with their age", () => {
  const memory = new DuplicateMemory();
  for (let at = 0; at < OPEN_TIMES * (MAX_SHELVES + 2); at++) memory.admit("flow", T0 + at, 1, none);
  assert.equal(memory.spans.length, MAX_SHELVES);
  assert.equal(memory.spans[0]?.seq, 2);
  for (let at = 0; at < OPEN_TIMES; at++) memory.admit("flow", T0 + 2 * REMEMBERED_US + at, 1, none);
  assert.equal(memory.spans.length, 1, "a week later the older ones are gone");
  assert.ok(memory.bytes > 0);
});

/** Times in a few rows of the past, some before the horizon of nothing: the memory must agree with a plain map whatever the order. */
test("agrees with a plain map of times, through shelves and through documents", () => {
  const step = fc.record({ key: fc.constantFrom("a", "b", "c"), at: fc.integer({ min: 0, max: 400 }), value: fc.constantFrom(0, 1, 2.5), keep: fc.nat({ max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 600, maxLength: 1500 }), (steps) => {
      let state = new DeviceState({ id: "acme/d", client: "acme", device: "d", partition: 0 }, new Mapping(1, []));
      const shelves = new Map<number, Shelf>();
      const model = new Map<string, number>();
      for (const { key, at, value, keep } of steps) {
        const known = model.get(`${key} ${at}`);
        assert.equal(state.memory.admit(key, T0 + at * S, value, (seq) => shelves.get(seq)), known !== value);
        model.set(`${key} ${at}`, value);
        if (keep !== 0) continue;
        for (const [seq, shelf] of state.memory.sealed) shelves.set(seq, Shelf.unpack(seq, shelf.pack()));
        state.memory.sealed.clear();
        const { id, body, blob } = deviceForm.toDocument(state);
        state = deviceForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, ...(blob === undefined ? {} : { blob }) });
      }
    }),
    { numRuns: 30 },
  );
});
