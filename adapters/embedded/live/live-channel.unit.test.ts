import { liveChannelSuite } from "@caudal/contract-tests";
import { createLiveChannel } from "./live-channel.ts";

liveChannelSuite("embedded", async () => {
  const channel = createLiveChannel({ queueMessages: 100 });
  return { open: async () => channel, second: async () => channel, queueMessages: 100, dispose: () => channel.close() };
});
