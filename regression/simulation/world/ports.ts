import type { Documents, EventLog, LiveChannel, SegmentStore, SeriesTier } from "@caudal/core";
import { SimulatedDocuments } from "./documents.ts";
import { SimulatedLog, type SimulatedLogOptions } from "./event-log.ts";
import { SimulatedLiveChannel } from "./live-channel.ts";
import type { SimulatedProcess } from "./process.ts";
import { SimulatedSegments } from "./segments.ts";
import { SimulatedTier } from "./tier.ts";
import type { World } from "./world.ts";

/** Every port of one process, on the world that it lives in. */
export interface SimulatedPorts {
  readonly log: SimulatedLog & EventLog;
  readonly documents: Documents;
  readonly segments: SegmentStore;
  readonly live: LiveChannel;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
}

export function openPorts(world: World, process: SimulatedProcess, options: SimulatedLogOptions = {}): SimulatedPorts {
  const tier = (name: "hot" | "warm" | "cold"): SeriesTier => new SimulatedTier(world.tiers[name], world.store(name), process);
  return {
    log: new SimulatedLog(world, process, options),
    documents: new SimulatedDocuments(world.documents, world.store("documents"), process),
    segments: new SimulatedSegments(world.segments, world.store("segments"), process),
    live: new SimulatedLiveChannel(world.live, process),
    hot: tier("hot"), warm: tier("warm"), cold: tier("cold"),
  };
}
