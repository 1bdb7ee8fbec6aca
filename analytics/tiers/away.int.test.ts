import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { CaudalError, hasCode } from "@caudal/core";
import { createHeldClock, silentLogger } from "@caudal/runtime";
import { measurement, openScene, type Scene } from "../test-scene.ts";
import { AwayTiers } from "./away-tiers.ts";

const NOW = Date.parse("2026-03-20T12:07:00Z") * 1000;
const HOUR_US = 3600e6;

interface Latest {
  readonly items: readonly { readonly values: readonly { readonly variable: string; readonly value: number }[] }[];
  readonly away: readonly string[];
}

let scene: Scene;
let point = "";

before(async () => {
  scene = await openScene({ nowUs: NOW });
  point = await scene.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }, { key: "level", unit: "m" }]);
  const facts = Array.from({ length: 18_000 }, (_, i) => measurement(point, NOW - HOUR_US - (18_000 - i) * 1e6, { flow: i }, { receivedAtUs: NOW }));
  await scene.publish([measurement(point, NOW - 40 * 24 * HOUR_US, { level: 7 }, { receivedAtUs: NOW }), ...facts]);
  await scene.settled();
});
beforeEach(() => {
  scene.absent.clear();
  scene.clock.skip(3000);
});
after(() => scene.close());

const history = (from: string): Promise<Response> => scene.get(`/api/v1/analytics/points/${point}/history?resolution=raw&from=${from}&to=2026-03-21&limit=1000`);

test("what a tier that is away would serve comes from the next one", async () => {
  scene.absent.add("hot");
  const answer = await (await history("2026-03-20")).json() as { served: { tier: string }[]; items: unknown[] };
  assert.deepEqual([...new Set(answer.served.map(({ tier }) => tier))], ["warm"]);
  assert.equal(answer.items.length, 1000);
  scene.absent.add("warm");
  const cold = await (await history("2026-03-20")).json() as { served: { tier: string }[] };
  assert.deepEqual([...new Set(cold.served.map(({ tier }) => tier))], ["cold"]);
});

test("a tier that goes away in the middle of a stream leaves no hole", async () => {
  // The tier that goes first is still left alone when the second stream begins.
  for (const [order, going] of [["ascending", "hot"], ["descending", "warm"]] as const) {
    const seen: number[] = [];
    for await (const block of scene.parts.series.read({ clients: "all" }, { client: "demo", point }, { fromUs: NOW - 10 * HOUR_US, toUs: NOW, order })) {
      seen.push(...block.columns[0]!.values);
      scene.absent.add(going);
    }
    assert.deepEqual(order === "ascending" ? seen : seen.toReversed(), Array.from({ length: 18_000 }, (_, i) => i), order);
  }
});

test("where no other tier holds what was asked for, the answer is that it cannot be had now, and no shorter history", async () => {
  scene.absent.add("cold");
  assert.equal((await history("2026-03-20")).status, 200);
  const answer = await history("2026-01-01");
  assert.equal(answer.status, 503);
  assert.ok(answer.headers.get("retry-after") !== null);
});

test("newest values come from the tiers that answer, and the answer says which did not", async () => {
  const latest = (): Promise<Latest> => scene.json<Latest>(`/api/v1/analytics/latest?points=${point}`);
  const values = ({ items }: Latest): string[] => items[0]!.values.map(({ variable, value }) => `${variable} ${value}`).sort();
  scene.absent.add("hot");
  const withoutHot = await latest();
  assert.deepEqual([values(withoutHot), withoutHot.away], [["flow 17999", "level 7"], ["hot"]]);
  scene.absent.add("cold");
  const withoutCold = await latest();
  assert.deepEqual([values(withoutCold), withoutCold.away], [["flow 17999"], ["hot", "cold"]]);
  scene.absent.add("warm");
  assert.equal((await scene.get(`/api/v1/analytics/latest?points=${point}`)).status, 503);
});

test("a tier that did not answer is left alone for two seconds; other failures are told", async () => {
  const clock = createHeldClock();
  const away = new AwayTiers(clock, silentLogger);
  let asked = 0;
  const gone = async (): Promise<never> => {
    asked += 1;
    throw new CaudalError("unavailable", "gone");
  };
  assert.equal(await away.ask("hot", gone), undefined);
  assert.equal(await away.ask("hot", gone), undefined);
  assert.equal(asked, 1);
  assert.deepEqual(await away.ask("warm", async () => 1), { answer: 1 });
  await clock.advance(2001);
  assert.equal(away.isAway("hot"), false);
  await assert.rejects(away.ask("hot", () => Promise.reject(new CaudalError("corrupt", "damaged"))), (error) => hasCode(error, "corrupt"));
});
