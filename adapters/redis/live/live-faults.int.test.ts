import assert from "node:assert/strict";
import { test } from "node:test";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { isUnavailable, ownServer, untilAvailable } from "../test-tier.ts";
import { openRedisLive } from "./live-channel.ts";

withEngine("redis", () => {
  test("subscriptions hold again after the server was away; meanwhile publishing fails at once", async (context) => {
    const { node, url } = await ownServer(context);
    const [channel, other] = [await openRedisLive({ url }), await openRedisLive({ url })];
    context.after(() => Promise.all([channel.close(), other.close()]));
    const heard: string[] = [];
    await channel.subscribe("a", (message) => heard.push(message));
    const stop = await channel.subscribe("b", (message) => heard.push(message));
    await node.kill();
    await assert.rejects(other.publish("a", "lost"), isUnavailable);
    await assert.rejects(channel.subscribe("c", () => undefined), isUnavailable);
    await stop();
    await node.start();
    await heardAgain(other, heard);
    await untilAvailable(() => other.publish("b", "stopped"));
    assert.ok(heard.every((message) => message === "again"));
  });

  test("a server that fell silent is left, also by one that only listens", async (context) => {
    const { node, url } = await ownServer(context);
    const told: string[] = [];
    const channel = await openRedisLive({ url, pulseMs: 20, answerMs: 100, tell: (event, fields) => told.push(`${event} ${String(fields?.["part"])}`) });
    context.after(() => channel.close());
    const heard: string[] = [];
    await channel.subscribe("a", (message) => heard.push(message));
    await node.pause();
    await until(() => told.includes("redis.lost caudal-live-subscribe"));
    node.resume();
    await heardAgain(channel, heard);
  });
});

async function heardAgain(channel: Awaited<ReturnType<typeof openRedisLive>>, heard: readonly string[]): Promise<void> {
  await until(async () => {
    await channel.publish("a", "again").catch(() => undefined);
    return heard.length > 0;
  });
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = performance.now() + 10_000; !(await holds());) {
    if (performance.now() > deadline) throw new Error("it never came to that");
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
