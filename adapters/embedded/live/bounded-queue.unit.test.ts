import assert from "node:assert/strict";
import { test } from "node:test";
import { createLiveChannel } from "./live-channel.ts";

test("what waits for a subscriber is bounded: exactly the newest arrive", async () => {
  const channel = createLiveChannel({ queueMessages: 3 });
  const heard: string[] = [];
  await channel.subscribe("a", (message) => heard.push(message));
  for (const message of ["1", "2", "3", "4", "5"]) void channel.publish("a", message);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, ["3", "4", "5"]);
  await channel.close();
});
