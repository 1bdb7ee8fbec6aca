import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { groups, topics, type HeldFact } from "@caudal/core";
import { openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { openScene, measurement, type Scene } from "../../runtime/test-parts/scene.ts";
import { Arrivals } from "./arrivals.ts";
import { askLog, type Suspect } from "./log-witness.ts";

const key = { client: "acme", point: "p" };
const span = (fromUs: number, toUs: number) => ({ fromUs, toUs });
const { signal } = new AbortController();

async function scene(context: TestContext): Promise<Scene & { tell(...instants: number[]): Promise<void>; partition(): Promise<number> }> {
  const opened = await openScene(context, { openEmbeddedLog, openFileRegistry });
  const { log, codec } = opened;
  return {
    ...opened,
    tell: (...instants) => log.publish(topics.measurements, instants.map((instantUs) => ({ key: key.point, value: codec.encode("Measurement", measurement(key.client, key.point, instantUs)) }))),
    partition: async () => (await log.bounds(topics.measurements)).find(({ endOffset }) => endOffset > 0)!.partition,
  };
}

function suspect(instantUs: number, over: Partial<HeldFact> = {}): Suspect {
  return { ...key, holder: "hot", lacking: "warm", fact: { instantUs, variable: "flow", value: 1.5, flag: 1, reasons: [], authority: 0, knownAtUs: instantUs, ...over } };
}

test("the log confirms what it holds with that revision and content, and nothing else", async (context) => {
  const { log, codec, tell } = await scene(context);
  const nowUs = Date.now() * 1000;
  await tell(...Array.from({ length: 50 }, (_, i) => nowUs + i));
  const asked = [suspect(nowUs + 7), suspect(nowUs + 7), suspect(nowUs + 8, { value: 2 }), suspect(nowUs + 9, { authority: 1 }), suspect(nowUs + 60), suspect(nowUs + 7, { variable: "total" })];
  assert.deepEqual(await askLog({ log, codec }, asked, signal), ["in-log", "in-log", "not-in-log", "not-in-log", "not-in-log", "not-in-log"]);
});

test("of what was known before the log begins nobody can tell any more", async (context) => {
  const { log, codec, tell, partition } = await scene(context);
  await tell(1_700_000_000_000_000, 1_700_000_000_000_001);
  const nowUs = Date.now() * 1000;
  await log.setOffset(topics.measurements, groups.hot, await partition(), 1);
  await log.trimBefore(topics.measurements, await partition(), 1);
  assert.deepEqual(await askLog({ log, codec }, [suspect(1_700_000_000_000_000), suspect(1_700_000_000_000_001), suspect(nowUs + 60_000_000)], signal), ["older-than-log", "in-log", "not-in-log"]);
});

test("arrivals are known by point and span from an offset on; a log that let go of them counts as touched", async (context) => {
  const { log, codec, tell, partition } = await scene(context);
  await tell(100, 200, 5000);
  const at = await partition();
  const arrivals = new Arrivals({ log, codec, keepBelowUs: () => 1000 });
  const touched = (offset: number, fromUs: number, toUs: number, point = "p") => arrivals.touched(at, offset, { client: "acme", point }, span(fromUs, toUs));
  assert.equal(await touched(0, 100, 101), true);
  assert.equal(await touched(1, 100, 101), false, "it came before");
  assert.equal(await touched(0, 0, 1000, "q"), false);
  assert.equal(await touched(0, 5000, 5001), false, "what is too young is not kept");
  await log.publish(topics.measurements, [{ key: "p", value: new Uint8Array([1]) }]);
  await tell(300);
  assert.deepEqual([await touched(3, 300, 301), await touched(5, 300, 301)], [true, false]);

  const late = new Arrivals({ log, codec, keepBelowUs: () => 1000 });
  for (const group of [groups.hot]) await log.setOffset(topics.measurements, group, at, 3);
  await log.trimBefore(topics.measurements, at, 3);
  assert.equal(await late.touched(at, 1, key, span(0, 1)), true, "what was at 1 is gone");
});
