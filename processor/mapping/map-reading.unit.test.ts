import assert from "node:assert/strict";
import { test } from "node:test";
import type { DirectoryEntry } from "@caudal/core";
import type { PointEvent, Reading, Sample } from "@caudal/schemas";
import { residualOf, Tally } from "@caudal/runtime";
import type { RemapProgress } from "./device-state.ts";
import { mapReading, type Located } from "./map-reading.ts";
import type { Admit } from "./map-sample.ts";
import { MappingChange } from "./mapping-change.ts";
import { Mapping } from "./mapping.ts";
import { needsWithdrawPhase, remapReading } from "./remap-reading.ts";

const T = 1_772_366_400_000_000;
const place = { partition: 3, offset: 42 };

function entry(key: string, variable: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry {
  return { key, channel: "", point: "p1", variable, unit: "", guessed: true, validFromUs: null, ...more };
}

function reading(...samples: readonly (readonly [key: string, value: Sample["value"]])[]): Reading {
  return {
    eventId: "r1", client: "acme", device: "w-07", source: "mqtt", transport: "mqtt", origin: "t", observedAtUs: T, receivedAtUs: T + 5,
    samples: samples.map(([key, value]) => ({ key, value, unit: null, timeUs: null })),
    contentType: "", raw: Buffer.alloc(0), rawSha256: Buffer.alloc(32), labels: { batch: "7" },
  };
}

const always = (): boolean => true;

test("one event a point, named after reading and point, and every sample counted once", () => {
  const tally = new Tally();
  const mapping = new Mapping(1, [entry("flow", "flow"), entry("total", "total"), entry("flow2", "flow", { point: "p2", channel: "2" }), entry("rssi", "rssi", { ignored: true })]);
  const source = reading(["flow", 1], ["total", "12"], ["flow2", 3], ["rssi", -70], ["status", "ok"], ["level", null], ["flow", 1]);
  const seen = new Set<string>();
  const admit = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
  const events = mapReading({ reading: source, place }, mapping, admit, tally);
  assert.deepEqual(events.map(({ eventId, point, channel, samples }) => [eventId, point, channel, samples.map(({ variable }) => variable)]), [
    ["r1/p1", "p1", "", ["flow", "total"]],
    ["r1/p2", "p2", "2", ["flow"]],
  ]);
  const { causeId, causePartition, causeOffset, kind, labels, receivedAtUs, observedAtUs } = events[0] ?? assert.fail();
  assert.deepEqual({ causeId, causePartition, causeOffset, kind, labels, receivedAtUs, observedAtUs },
    { causeId: "r1", causePartition: 3, causeOffset: 42, kind: "samples", labels: { batch: "7" }, receivedAtUs: T + 5, observedAtUs: T });
  const { in: came, out } = tally.body();
  assert.equal(came, 7);
  assert.deepEqual(out, { mapped: 3, unmapped: 1, "dropped duplicate": 1, "dropped not-numeric": 1, "dropped no-value": 1 });
  assert.equal(residualOf(tally.body()), 0);
});

function remap(mapping: Mapping, more: Partial<RemapProgress> = {}): RemapProgress {
  return { mapping, changedAtUs: T + 9000, startOffset: 100, phase: "map", inline: true, nextOffset: 0, ...more };
}

const before = new Mapping(1, [entry("a", "flow"), entry("b", "level")]);

function remapped(located: Located, from: Mapping, progress: RemapProgress, admit: Admit): PointEvent[] {
  return remapReading(located, new MappingChange(from, progress.mapping), progress, admit);
}

test("remap: what means the same gives nothing", () => {
  assert.deepEqual(remapped({ reading: reading(["a", 1], ["b", 2]), place }, before, remap(new Mapping(2, before.entries)), always), []);
});

test("remap: a variable that is no more is withdrawn, and its samples come under their new name", () => {
  const after = new Mapping(2, [entry("a", "discharge"), entry("b", "level")]);
  assert.equal(needsWithdrawPhase(before, after), false);
  const [event, ...others] = remapped({ reading: reading(["a", 1], ["b", 2]), place }, before, remap(after), always);
  assert.equal(others.length, 0);
  assert.deepEqual(event?.withdrawn, [{ variable: "flow", timeUs: T }]);
  assert.deepEqual(event?.samples.map(({ variable, value }) => [variable, value]), [["discharge", 1]]);
  assert.deepEqual([event?.kind, event?.causeId, event?.receivedAtUs, event?.eventId, event?.causeOffset], ["remap", "acme/w-07@2.map", T + 9000, "r1/p1@2.map", 42]);
});

test("remap: another unit gives new values and withdraws nothing; a moved channel is withdrawn at the old point", () => {
  const unit = remapped({ reading: reading(["a", 36]), place }, before, remap(new Mapping(2, [entry("a", "flow", { unit: "m3/h" }), entry("b", "level")])), always);
  assert.deepEqual(unit.map(({ withdrawn, samples }) => [withdrawn, samples.map(({ value }) => value)]), [[[], [10]]]);
  const moved = remapped({ reading: reading(["a", 1]), place }, before, remap(new Mapping(2, [entry("a", "flow", { point: "p2", channel: "2" }), entry("b", "level")])), always);
  assert.deepEqual(moved.map(({ point, withdrawn, samples }) => [point, withdrawn.length, samples.length]), [["p2", 0, 1], ["p1", 1, 0]]);
});

test("remap: ignoring a key withdraws its facts; text is no fact and gives none", () => {
  const after = new Mapping(2, [entry("a", "flow", { ignored: true }), entry("b", "level")]);
  const events = remapped({ reading: reading(["a", 1], ["a", "x"]), place }, before, remap(after), always);
  assert.deepEqual(events.map(({ withdrawn, samples }) => [withdrawn.length, samples.length]), [[1, 0]]);
});

test("remap: keys that swap their variables are withdrawn for the whole past first", () => {
  const after = new Mapping(2, [entry("a", "level"), entry("b", "flow")]);
  assert.equal(needsWithdrawPhase(before, after), true);
  const source = { reading: reading(["a", 1], ["b", 2]), place };
  const first = remapped(source, before, remap(after, { phase: "withdraw", inline: false }), always);
  assert.deepEqual(first.map(({ withdrawn, samples, causeId }) => [withdrawn.map(({ variable }) => variable), samples.length, causeId]), [[["flow", "level"], 0, "acme/w-07@2.withdraw"]]);
  const second = remapped(source, before, remap(after, { inline: false }), always);
  assert.deepEqual(second.map(({ withdrawn, samples }) => [withdrawn.length, samples.map(({ variable, value }) => [variable, value])]), [[0, [["level", 1], ["flow", 2]]]]);
});
