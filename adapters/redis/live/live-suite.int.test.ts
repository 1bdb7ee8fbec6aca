import { randomUUID } from "node:crypto";
import { liveChannelSuite } from "@caudal/contract-tests";
import type { LiveChannel } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { openRedisLive } from "./live-channel.ts";

withEngine("redis", (url) => {
  liveChannelSuite("redis", async () => {
    const opened: LiveChannel[] = [];
    const options = { url: `${url}?prefix=caudal-test-${randomUUID()}`, queueMessages: 100 };
    const open = async (): Promise<LiveChannel> => {
      const channel = await openRedisLive(options);
      opened.push(channel);
      return channel;
    };
    return { open, second: open, queueMessages: 100, dispose: async () => void (await Promise.all(opened.map((channel) => channel.close()))) };
  });
});
