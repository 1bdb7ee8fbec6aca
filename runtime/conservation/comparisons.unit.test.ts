import assert from "node:assert/strict";
import { test } from "node:test";
import { disagreements } from "./agreement.ts";
import { Checkpoints, type Checkpoint } from "./checkpoints.ts";
import { handoverDifferences } from "./handover.ts";
import type { LineBody } from "./line.ts";

const TOPIC = "caudal.measurements";

function counted(until: number, lost: readonly number[] = [], from = 0): Checkpoint[] {
  const checkpoints = new Checkpoints(from);
  for (let offset = from; offset < until; offset++) checkpoints.add(offset, lost.includes(offset) ? 2 : 3);
  return checkpoints.body();
}

const line = (group: string, checkpoints: readonly Checkpoint[], more: Partial<LineBody> = {}): LineBody => ({ group, topic: TOPIC, partition: 0, generation: 1, offset: 0, tally: { in: 0, out: {} }, checkpoints, ...more });

test("groups that count alike have nothing to tell, however far apart they stand or whenever they began", () => {
  assert.deepEqual(disagreements([line("a", counted(1000)), line("b", counted(77)), line("c", counted(990, [], 500)), line("d", counted(64), { partition: 1 })]), []);
});

test("the one that differs from the others is named, once a stretch, and nobody else", () => {
  const found = disagreements([line("a", counted(200)), line("b", counted(200, [190])), line("c", counted(200)), line("d", counted(150))]);
  assert.deepEqual(found.map(({ group, missing, fromOffset, toOffset, detail }) => [group, missing, fromOffset, toOffset, detail]), [["b", 1, 176, 192, "b counted 47 facts, a 48"]]);
});

test("of two, the one with fewer is named; who published is a witness like the others", () => {
  assert.deepEqual(disagreements([line("a", counted(64, [10])), line("b", counted(64))]).map(({ group, missing }) => [group, missing]), [["a", 1]]);
  const judging: LineBody = { ...line("judging", []), topic: "caudal.points", published: { topic: TOPIC, checkpoints: counted(64) } };
  assert.deepEqual(disagreements([line("a", counted(64, [10])), line("b", counted(64, [10])), judging]).map(({ group, missing }) => [group, missing]), [["judging", -1]]);
});

const giver = (checkpoints: readonly Checkpoint[], ends = [100, 100]): LineBody => ({ ...line("mapping", []), topic: "caudal.readings", partition: 1, handedOver: { to: "caudal.points", ends, checkpoints } });
const taker = (partition: number, offset: number, takenFrom: LineBody["takenFrom"]): LineBody => ({ ...line("judging", []), topic: "caudal.points", partition, offset, ...(takenFrom === undefined ? {} : { takenFrom }) });

test("what was handed over was taken in, summed over those who took it", () => {
  const half = (lost: readonly number[] = []): Checkpoint[] => {
    const checkpoints = new Checkpoints(0);
    for (let offset = 0; offset < 64; offset += 2) checkpoints.addPart(offset, lost.includes(offset) ? 5 : 6);
    return checkpoints.body();
  };
  const all = giver(counted(64));
  assert.deepEqual(handoverDifferences([all], [taker(0, 100, { 1: half() }), taker(1, 100, { 0: counted(9) })]), []);
  const [lost] = handoverDifferences([all], [taker(0, 100, { 1: half([34]) }), taker(1, 100, {})]);
  assert.deepEqual([lost?.check, lost?.group, lost?.partition, lost?.missing, lost?.fromOffset, lost?.toOffset], ["handover", "mapping", 1, 1, 32, 48]);
});

test("nothing is compared while somebody is behind, was not counted from the start, or cannot say", () => {
  const all = giver(counted(64));
  const none = counted(0);
  assert.deepEqual(handoverDifferences([all], [taker(0, 99, { 1: none }), taker(1, 100, {})]), [], "behind");
  assert.deepEqual(handoverDifferences([all], [taker(0, 100, { 1: none })]), [], "not everybody");
  assert.deepEqual(handoverDifferences([all], [taker(0, 100, undefined), taker(1, 100, {})]), [], "counts nothing yet");
  assert.deepEqual(handoverDifferences([all], [taker(0, 100, { 1: [] }), taker(1, 100, {})]), [], "unknown");
  assert.equal(handoverDifferences([all], [taker(0, 100, {}), taker(1, 100, {})]).length > 0, true, "nothing came");
});
