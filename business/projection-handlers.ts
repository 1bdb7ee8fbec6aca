import type { DocumentCollection, PartitionHandler, RecordBatch } from "@caudal/core";
import { decodeBatch, type Parker } from "@caudal/runtime";
import type { Codec, RecordName, RecordOf } from "@caudal/schemas";
import { projectPresence, type PresenceRecord } from "./devices/presence.ts";
import type { ParkedRecord } from "./parked/parked-record.ts";
import { project } from "./parked/projection.ts";

interface Shared {
  readonly codec: Codec;
  readonly parker: Parker;
  readonly group: string;
}

/** A handler that decodes a batch, parks what cannot be decoded, and hands the rest to `apply` with its offsets. */
function decoding<N extends RecordName>(name: N, shared: Shared, apply: (events: readonly { value: RecordOf[N]; offset: number }[], batch: RecordBatch) => Promise<void>): PartitionHandler {
  return {
    async handle(batch) {
      const { good, parked } = await decodeBatch(name, batch, shared);
      if (parked.length > 0) await shared.parker.park(parked);
      if (good.length > 0) await apply(good.map(({ value, record }) => ({ value, offset: record.offset })), batch);
    },
  };
}

export function presenceHandler(shared: Shared, records: DocumentCollection<PresenceRecord>): PartitionHandler {
  return decoding("DevicePresence", shared, (events) => projectPresence(records, events.map(({ value }) => value)));
}

/** Does not park what it cannot decode onto the very topic that it reads: that would never end. It is told by `undecodable`. */
export function parkedHandler(shared: Shared, records: DocumentCollection<ParkedRecord>, undecodable: (count: number) => void): PartitionHandler {
  const parker: Parker = { park: async (items) => undecodable(items.length) };
  return decoding("Parked", { ...shared, parker }, (events, { partition }) => project(records, events.map(({ value, offset }) => ({ event: value, partition, offset }))));
}
