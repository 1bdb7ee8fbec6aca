import { readSchemaFiles } from "@caudal/schemas";
import { openFileRegistry } from "@caudal/embedded";
import { documentsSuite, eventLogSuite, lendTiers, liveChannelSuite, schemaRegistrySuite, segmentStoreSuite, seriesTierSuite } from "@caudal/contract-tests";
import { SimulatedDocuments } from "./documents.ts";
import { SimulatedLog } from "./event-log.ts";
import { QUEUE_MESSAGES, SimulatedLiveChannel } from "./live-channel.ts";
import { SimulatedSegments } from "./segments.ts";
import { SimulatedTier } from "./tier.ts";
import { TierState } from "./tier-state.ts";
import { World } from "./world.ts";

const world = (): World => new World({ seed: "suites" });

eventLogSuite("simulated", async () => {
  const own = world();
  let process = own.process("suite");
  const opened: SimulatedLog[] = [];
  const open = async (): Promise<SimulatedLog> => {
    const log = new SimulatedLog(own, process, { drainWithinMs: 300 });
    opened.push(log);
    return log;
  };
  return {
    open,
    openSecond: open,
    crash: async () => {
      process.end();
      own.crash();
      process = own.process("suite");
    },
    advanceMs: (ms) => (own.log.skewMs += ms),
    dispose: async () => {
      await Promise.all(opened.map((log) => log.close()));
    },
  };
}, { quirks: { "memory-bound": "the simulated disk is this process's memory" } });

for (const [name, revisions] of [["hot", "latest"], ["cold", "all"]] as const) {
  seriesTierSuite(`simulated ${name}`, lendTiers(async (retentionMs) => {
    const own = world();
    const state = new TierState(name, retentionMs, revisions);
    return { open: async () => new SimulatedTier(state, own.store(name), own.process("suite")), remove: async () => undefined };
  }), { propertyRuns: 10 });
}

documentsSuite("the simulation", async () => {
  const own = world();
  return { open: async () => new SimulatedDocuments(own.documents, own.store("documents"), own.process("suite")), dispose: async () => undefined };
});

segmentStoreSuite("simulated", async () => {
  const own = world();
  return { open: async () => new SimulatedSegments(own.segments, own.store("segments"), own.process("suite")), dispose: async () => undefined };
});

liveChannelSuite("simulated", async () => {
  const own = world();
  const opened: SimulatedLiveChannel[] = [];
  const open = async (): Promise<SimulatedLiveChannel> => {
    const channel = new SimulatedLiveChannel(own.live, own.process("suite"));
    opened.push(channel);
    return channel;
  };
  return { open, second: open, queueMessages: QUEUE_MESSAGES, dispose: async () => void (await Promise.all(opened.map((channel) => channel.close()))) };
});

// The schemas are files of the program: a simulated process reads them as an embedded one does.
schemaRegistrySuite("of a simulated process", async () => ({
  open: async () => openFileRegistry(), committed: readSchemaFiles(), registers: false, dispose: async () => undefined,
}));
