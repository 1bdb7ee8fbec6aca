import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasCode, type LiveChannel } from "@caudal/core";
import { eventually } from "../eventually.ts";

/** What the suite needs of an adapter; one harness serves one test. */
export interface LiveChannelHarness {
  open(): Promise<LiveChannel>;
  /** A channel that hears the first: another process's where the adapter has that, else the same. */
  second(): Promise<LiveChannel>;
  /** Messages that wait for one subscriber before it loses the oldest. */
  readonly queueMessages: number;
  /** Closes whatever was opened. */
  dispose(): Promise<void>;
}

/** The meaning of the port LiveChannel, as tests of one adapter. */
export function liveChannelSuite(name: string, factory: () => Promise<LiveChannelHarness>): void {
  const withHarness = (body: (harness: LiveChannelHarness) => Promise<void>) => async (): Promise<void> => {
    const harness = await factory();
    try {
      await body(harness);
    } finally {
      await harness.dispose();
    }
  };

  describe(`LiveChannel: ${name}`, () => {
    test("every subscriber of a channel hears what is published there, in order, and nothing else", withHarness(async (harness) => {
      const [publisher, hearer] = [await harness.open(), await harness.second()];
      const heard: Record<"a" | "again" | "b", string[]> = { a: [], again: [], b: [] };
      await hearer.subscribe("a", (message) => heard.a.push(message));
      await hearer.subscribe("a", (message) => heard.again.push(message));
      await hearer.subscribe("b", (message) => heard.b.push(message));
      for (const message of ["1", "2", "ñandú 水"]) await publisher.publish("a", message);
      await publisher.publish("b", "other");
      await publisher.publish("nobody", "lost");
      await eventually(() => assert.deepEqual(heard, { a: ["1", "2", "ñandú 水"], again: ["1", "2", "ñandú 水"], b: ["other"] }));
    }));

    test("a subscription that was stopped hears nothing more, and others go on", withHarness(async (harness) => {
      const channel = await harness.open();
      const stopped: string[] = [];
      const kept: string[] = [];
      const stop = await channel.subscribe("a", (message) => stopped.push(message));
      await channel.subscribe("a", (message) => kept.push(message));
      await channel.publish("a", "1");
      await eventually(() => assert.deepEqual([stopped, kept], [["1"], ["1"]]));
      await stop();
      await stop();
      await channel.publish("a", "2");
      await eventually(() => assert.deepEqual(kept, ["1", "2"]));
      assert.deepEqual(stopped, ["1"]);
    }));

    test("a listener never runs on its publisher's stack", withHarness(async (harness) => {
      const channel = await harness.open();
      let publishing = false;
      const heard: boolean[] = [];
      await channel.subscribe("a", () => heard.push(publishing));
      publishing = true;
      const published = channel.publish("a", "1");
      publishing = false;
      await published;
      await eventually(() => assert.deepEqual(heard, [false]));
    }));

    test("a subscriber that cannot keep up loses the oldest; the newest arrives", withHarness(async (harness) => {
      const channel = await harness.open();
      const heard: number[] = [];
      await channel.subscribe("a", (message) => heard.push(Number(message)));
      const count = 3 * harness.queueMessages;
      // One turn of the event loop: no listener gets a word in between.
      await Promise.all(Array.from({ length: count }, (_, i) => channel.publish("a", String(i))));
      await eventually(() => assert.equal(heard.at(-1), count - 1));
      assert.ok(heard.length <= count);
      assert.deepEqual(heard, [...heard].sort((a, b) => a - b));
    }));

    test("a closed channel refuses, and delivers nothing that was waiting", withHarness(async (harness) => {
      const channel = await harness.open();
      const heard: string[] = [];
      await channel.subscribe("a", (message) => heard.push(message));
      const published = channel.publish("a", "1");
      await channel.close();
      await channel.close();
      await published;
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(heard, []);
      await assert.rejects(channel.publish("a", "2"), (error) => hasCode(error, "closed"));
      await assert.rejects(channel.subscribe("a", () => undefined), (error) => hasCode(error, "closed"));
    }));
  });
}
