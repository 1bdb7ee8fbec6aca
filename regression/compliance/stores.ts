import type { Documents } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { SlotSeries } from "../../compliance/selection/fact-windows.ts";
import type { VirtualTime } from "../simulation/time/virtual-time.ts";
import { SimulatedDocuments } from "../simulation/world/documents.ts";
import type { SimulatedProcess } from "../simulation/world/process.ts";
import type { World } from "../simulation/world/world.ts";
import { IndexedDocuments } from "./indexed-documents.ts";
import { measuredSeries } from "./measured.ts";

/** What a year's processes keep things in. */
export interface YearStores {
  /** The documents as one process has them; they are gone with it. */
  open(process: SimulatedProcess): Promise<Documents>;
  /** What slots take their values from, as one process reads it. */
  series(process: SimulatedProcess): SlotSeries;
  /** Where measurements are computed, nobody has to write them: then only late ones are told of. */
  readonly isComputed: boolean;
  /** Durable when it resolves. */
  measured(batch: readonly Measurement[]): Promise<void>;
  /** No process of the service has it open: a store that one process alone may have is opened anew. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export interface StoresGiven {
  readonly seed: string;
  readonly world: World;
  readonly time: VirtualTime;
  /** Told of each document of the ledger once it is durable. */
  readonly onEntry: (id: string) => void;
}

export type OpenStores = (given: StoresGiven) => Promise<YearStores>;

/** Documents in memory with the world's moods, and measurements that are computed. */
export const openSimulatedStores: OpenStores = async ({ seed, world, time, onEntry }) => {
  const state = new IndexedDocuments(onEntry);
  const store = world.store("documents");
  const series = measuredSeries(seed, () => time.nowUs);
  return {
    isComputed: true, open: async (process) => new SimulatedDocuments(state, store, process), series: () => series,
    measured: async () => undefined, rest: async () => undefined, close: async () => undefined,
  };
};
