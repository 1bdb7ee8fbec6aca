import { groups, topics, type Directory, type LiveChannel } from "@caudal/core";
import { createParkBreaker, type TallyBody } from "@caudal/runtime";
import { BATCH, STATES, type ConsumerPlan, type GroupOptions } from "../consumer-plan.ts";
import { Partitions } from "../state/partitions.ts";
import { deviceForm, deviceStateCollection, type DeviceStateBody } from "./device-form.ts";
import { DeviceDirectory } from "./device-directory.ts";
import type { DeviceState } from "./device-state.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import { MappingCounts } from "./mapping-counts.ts";
import { MappingHandler } from "./mapping-handler.ts";
import { Preparation, type AdoptMode } from "./preparation.ts";
import { RemapRunner, type Past } from "./remap-runner.ts";
import { shelfCollection, ShelfStore, type ShelfBody } from "./shelf-store.ts";

export interface MappingOptions extends GroupOptions {
  readonly directory: Directory;
  readonly live: LiveChannel;
  readonly past: Past;
  readonly adopt: AdoptMode;
  readonly partitionCount: number;
}

export interface MappingGroup {
  readonly plan: ConsumerPlan;
  readonly watch: DirectoryWatch;
  readonly remaps: RemapRunner;
  tick(): Promise<void>;
  noticeErasures(): Promise<void>;
  tally(): TallyBody;
}

/** The group that maps readings, with what it needs beside its handler. */
export async function openMapping(options: MappingOptions): Promise<MappingGroup> {
  const { documents, codec, past, adopt, logger, clock } = options;
  const directory = new DeviceDirectory(options.directory);
  const shelves = new ShelfStore(await documents.collection<ShelfBody>(shelfCollection));
  const collection = await documents.collection<DeviceStateBody>(deviceStateCollection);
  const partitions = new Partitions<DeviceState, DeviceStateBody, MappingCounts>({
    ...options, ...STATES, collection, form: deviceForm, writeFirst: (states) => shelves.write(states),
    counts: async (_assignment, head) => new MappingCounts({ ...options, head }),
  });
  const breaker = createParkBreaker({ group: groups.mapping, clock });
  const preparation: Preparation = new Preparation({ directory, shelves, adopt, remap: (partition, record) => remaps.request(partition, record) });
  const remaps: RemapRunner = new RemapRunner({ past, codec, directory, preparation, handler: () => handler, logger });
  const watch = new DirectoryWatch({ ...options, directory, partitions, preparation, remaps });
  const handler: MappingHandler = new MappingHandler({
    ...options, breaker, partitions, preparation, shelves, forgetDirectory: () => directory.clear(),
    gained: async (partition) => {
      // Another process may have changed what is remembered of its devices.
      directory.clear();
      await watch.catchUp(partition);
    },
  });
  return {
    plan: { group: groups.mapping, topic: topics.readings, handler, breaker, commit: "by-handler", ...BATCH },
    watch,
    remaps,
    tick: () => partitions.tick(),
    noticeErasures: () => handler.noticeErasures(),
    tally: () => partitions.tally(),
  };
}
