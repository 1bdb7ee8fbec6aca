import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { hasCode, systemScope, type PointKey, type SeriesTier } from "@caudal/core";
import { openRedisTier } from "@caudal/redis";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { startEngine } from "../../tools/engines/start.ts";
import { factsOf, openStation, reading, S, T0, until, type Station } from "../test-station.ts";

const DAY_MS = 86_400_000;

withEngine("redis", () => {
  test("a Redis that is killed and comes back without its last writes is not read until it holds again all that warm has", async (context) => {
    const engine = await startEngine("redis");
    context.after(() => engine.stop());
    const node = engine.nodes[0]!;
    const hot = await openRedisTier({ url: engine.url, name: "hot", retentionMs: 3 * DAY_MS });
    context.after(() => hot.close());
    const station = await openStation();
    context.after(() => station.close());
    await station.start({ hot, lookEveryMs: 20 });

    const send = (from: number, count: number, value: number): Promise<void> => station.send(...Array.from({ length: count }, (_, i) => reading("meter", (from + i) * 20, { flow: value + i })));
    await send(0, 20, 0);
    await station.settled();
    const key = await pointOf(station);
    // A new store is a loss too; it is filled by now or soon.
    await until("a new store is read", () => isRead(hot, key));
    assert.deepEqual(await factsOf(hot, key.client, key.point), await factsOf(station.warm, key.client, key.point));

    await node.stop();
    await cp(join(node.folder, "appendonlydir"), `${node.folder}/kept`, { recursive: true });
    await node.start();
    await until("it is filled after a restart", () => isRead(hot, key));
    await withdraw(station, key, T0 + 40 * S);
    await send(20, 20, 100);
    await station.settled();
    const whole = await factsOf(station.warm, key.client, key.point);
    assert.equal(whole.length, 39);
    assert.deepEqual(await factsOf(hot, key.client, key.point), whole);

    await node.kill();
    await rm(join(node.folder, "appendonlydir"), { recursive: true });
    await cp(`${node.folder}/kept`, join(node.folder, "appendonlydir"), { recursive: true });
    await node.start();
    // Written while it is away and being filled.
    await send(40, 5, 200);
    await until("it is filled after a loss", () => isRead(hot, key));
    await station.settled();
    assert.deepEqual(await factsOf(hot, key.client, key.point), await factsOf(station.warm, key.client, key.point));
    assert.equal((await factsOf(hot, key.client, key.point)).length, 44, "what was withdrawn in what was lost stays withdrawn");
    const day = Math.floor(T0 / (DAY_MS * 1000)) * DAY_MS * 1000;
    assert.deepEqual(await hot.digest(systemScope, key, day), await station.warm.digest(systemScope, key, day));
    assert.deepEqual(await hot.latest(systemScope, [key]), await station.warm.latest(systemScope, [key]));
    assert.equal(await station.metrics.sum("caudal_tier_incomplete"), 0);
  });
});

async function pointOf({ directory }: Station): Promise<PointKey> {
  const [item] = (await directory.collections.points.find(systemScope, { limit: 1 })).items;
  return { client: item!.body.client, point: item!.body.point };
}

async function isRead(hot: SeriesTier, key: PointKey): Promise<boolean> {
  return hot.floor(systemScope, key).then((floorUs) => floorUs !== undefined, (error: unknown) => {
    if (hasCode(error, "unavailable")) return false;
    throw error;
  });
}

/** Takes a fact back as a measurement on the topic does. */
async function withdraw(station: Station, key: PointKey, instantUs: number): Promise<void> {
  const [like] = await station.measurements();
  const facts = [{ variable: "flow", value: null, flag: 4, reasons: ["withdrawn"] }];
  await station.publish("caudal.measurements", { key: `${key.client}/${key.point}`, value: station.codec.encode("Measurement", { ...like!, ...key, instantUs, authority: 1, facts }) });
}
