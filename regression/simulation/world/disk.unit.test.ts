import assert from "node:assert/strict";
import { test } from "node:test";
import { systemScope } from "@caudal/core";
import { openPorts } from "./ports.ts";
import { quietTemper } from "./conditions.ts";
import { World } from "./world.ts";

const spec = { name: "examples", tenant: false };
const body = { text: "x" };
const turns = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count));

test("a crash loses exactly what was not synced", async () => {
  const world = new World({ seed: "disk", tempers: { documents: { ...quietTemper, syncMs: 20 } } });
  const writer = openPorts(world, world.process("writer"));
  const examples = await writer.documents.collection<typeof body>(spec);
  await examples.insert(systemScope, { id: "synced", body });
  let acknowledged = false;
  void examples.insert(systemScope, { id: "volatile", body }).then(() => (acknowledged = true));
  assert.equal(world.store("documents").disk.waiting, 1);
  world.crash(["documents"]);
  await turns(60);
  assert.equal(acknowledged, false);
  const reader = openPorts(world, world.process("reader"));
  const found = await (await reader.documents.collection<typeof body>(spec)).getMany(systemScope, ["synced", "volatile"]);
  assert.deepEqual(found.map(({ id }) => id), ["synced"]);
});

test("a torn write keeps a part of what was not synced, in order", async () => {
  const kept = new Set<number>();
  for (let seed = 0; seed < 30; seed += 1) {
    const world = new World({ seed: `torn ${seed}`, tears: true, tempers: { segments: { ...quietTemper, syncMs: 20 } } });
    const { segments } = openPorts(world, world.process("writer"));
    for (const name of ["a", "b", "c"]) void segments.put(name, Uint8Array.of(1));
    world.crash(["segments"]);
    const names = [...world.segments.keys()];
    assert.deepEqual(names, ["a", "b", "c"].slice(0, names.length));
    kept.add(names.length);
  }
  assert.deepEqual([...kept].sort(), [0, 1, 2, 3]);
});

test("a process that ended has no effect any more, and is told nothing", async () => {
  const world = new World({ seed: "ended" });
  const process = world.process("writer");
  const { segments } = openPorts(world, process);
  const told: string[] = [];
  void segments.put("before", Uint8Array.of(1)).then(() => told.push("before"));
  process.end();
  void segments.put("after", Uint8Array.of(1)).then(() => told.push("after"));
  await turns(20);
  // What was on its way when it ended may arrive; what it does later never starts.
  assert.deepEqual([...world.segments.keys()], ["before"]);
});

test("a lost answer leaves its effect, and says that nobody knows", async () => {
  const world = new World({ seed: "unanswered", tempers: { segments: { ...quietTemper, lostAnswer: 1 } } });
  const { segments } = openPorts(world, world.process("writer"));
  await assert.rejects(segments.put("a", Uint8Array.of(1)), { code: "timeout", retry: "unknown" });
  assert.deepEqual([...world.segments.keys()], ["a"]);
});

test("a store that is away refuses or is silent, and takes nothing; healed, it takes all", async () => {
  const world = new World({ seed: "away", tempers: { segments: quietTemper } });
  const { segments } = openPorts(world, world.process("writer"));
  world.goAway("segments");
  const refusals = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => segments.put(`a${i}`, Uint8Array.of(1))));
  assert.deepEqual([...new Set(refusals.map((each) => (each.status === "rejected" ? (each.reason as { code: string }).code : "taken")))].sort(), ["timeout", "unavailable"]);
  assert.equal(world.segments.size, 0);
  world.heal();
  await segments.put("a", Uint8Array.of(1));
  assert.equal(world.segments.size, 1);
});
