import { deviceKey, type Directory, type DocumentCollection, type PartitionHandler, type Principal } from "@caudal/core";
import { decodeBatch, type Logger, type Parker } from "@caudal/runtime";
import type { Codec, Parked } from "@caudal/schemas";
import { listRefused, projectPresence, type PresenceRecord } from "./devices/presence.ts";
import type { ParkedDesk } from "./parked/desk.ts";
import type { ParkedRecord } from "./parked/parked-record.ts";
import { project, type ParkedAt } from "./parked/projection.ts";
import { plausible, undecodable } from "./parked/undecodable.ts";

interface Shared {
  readonly codec: Codec;
  readonly directory: Directory;
  readonly group: string;
}

/** caudal.devices into what was last heard of each device; a device that was turned away is listed. */
export function presenceHandler({ codec, directory, group, parker, records }: Shared & { readonly parker: Parker; readonly records: DocumentCollection<PresenceRecord> }): PartitionHandler {
  return {
    async handle(batch) {
      const { good, parked } = await decodeBatch("DevicePresence", batch, { codec, group });
      if (parked.length > 0) await parker.park(parked);
      const events = good.map(({ value }) => value);
      await projectPresence(records, events);
      await listRefused(directory, events);
    },
  };
}

export interface ParkedHandlerParts extends Shared {
  readonly records: DocumentCollection<ParkedRecord>;
  readonly desk: ParkedDesk;
  readonly logger: Logger;
}

/** Who replays what was parked on its way while somebody adopted its device. */
const adoption: Principal = { name: "adoption", role: "operator", scope: { clients: "all" } };

/** caudal.parked into the desk's list; what cannot be decoded is listed where it stands. */
export function parkedHandler({ codec, directory, group, records, desk, logger }: ParkedHandlerParts): PartitionHandler {
  return {
    async handle(batch) {
      const { good, parked } = await decodeBatch("Parked", batch, { codec, group });
      const standing = new Map(batch.records.map((record) => [record.offset, record]));
      const reasons = new Map(parked.map(({ offset, reason, detail }) => [offset, { reason, detail }]));
      for (const { record, value } of good) if (!plausible(value)) reasons.set(record.offset, { reason: "corrupt-record", detail: `part ${value.part} of ${value.parts}` });
      const events: ParkedAt[] = good.filter(({ value }) => plausible(value)).map(({ record, value }) => ({ event: value, partition: batch.partition, offset: record.offset }));
      for (const [offset, why] of reasons) {
        const record = offset === undefined ? undefined : standing.get(offset);
        if (record !== undefined) events.push({ event: undecodable(record, batch.partition, why), partition: batch.partition, offset: record.offset });
      }
      if (reasons.size > 0) logger.warn("parked.undecodable", { count: reasons.size, partition: batch.partition });
      await project(records, events);
      await replayAdopted({ directory, desk }, events.map(({ event }) => event));
    },
  };
}

/** An adoption replays what the list holds; what comes into the list only after it is replayed here, so that nothing stays behind. */
async function replayAdopted({ directory, desk }: { directory: Directory; desk: ParkedDesk }, events: readonly Parked[]): Promise<void> {
  const waiting = events.filter(({ reason }) => reason === "unknown-device");
  if (waiting.length === 0) return;
  const devices = await directory.devices([...new Set(waiting.map(({ client, device }) => deviceKey(client, device)))]);
  const active = new Set(devices.filter(({ body }) => body.state === "active").map(({ id }) => id));
  const ids = waiting.filter(({ client, device }) => active.has(deviceKey(client, device))).map(({ eventId }) => eventId);
  if (ids.length > 0) await desk.replayThese(adoption, [...new Set(ids)]);
}
