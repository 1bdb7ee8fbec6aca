import { deviceKey, topics, type Directory, type DocumentCollection, type Erasures, type EventLog, type PartitionHandler, type Principal } from "@caudal/core";
import { decodeBatch, type Logger, type Parker } from "@caudal/runtime";
import type { Codec, DevicePresence, Parked } from "@caudal/schemas";
import type { PresenceRecord } from "./devices/presence-record.ts";
import { projectPresence } from "./devices/presence.ts";
import { listRefused, projectRefused, reasonOf, type RefusedRecord } from "./devices/refused.ts";
import type { SilenceRule } from "./devices/silence.ts";
import type { ParkedDesk } from "./parked/desk.ts";
import type { ParkedRecord } from "./parked/parked-record.ts";
import { project, type ParkedAt } from "./parked/projection.ts";
import { plausible, undecodable } from "./parked/undecodable.ts";

interface Shared {
  readonly codec: Codec;
  readonly directory: Directory;
  readonly group: string;
  readonly erasures: Pick<Erasures, "clients">;
}

export interface PresenceHandlerParts extends Shared {
  readonly log: EventLog;
  readonly parker: Parker;
  readonly records: DocumentCollection<PresenceRecord>;
  readonly refused: DocumentCollection<RefusedRecord>;
  readonly rule: SilenceRule;
}

/** caudal.devices into what was last heard of each device; a device that was turned away is listed. */
export function presenceHandler({ log, codec, directory, group, erasures, parker, records, refused, rule }: PresenceHandlerParts): PartitionHandler {
  const tell = (events: readonly DevicePresence[]): Promise<unknown> =>
    log.publish(topics.devices, events.map((event) => ({ key: deviceKey(event.client, event.device), value: codec.encode("DevicePresence", event) })));
  return {
    async handle(batch) {
      const { good, parked } = await decodeBatch("DevicePresence", batch, { codec, group });
      if (parked.length > 0) await parker.park(parked);
      const erased = await erasures.clients();
      const events = good.map(({ value }) => value).filter(({ client }) => !erased.has(client));
      // Whoever is one too many must not be remembered for having come.
      const heard = events.filter((event) => event.kind !== "refused" || reasonOf(event) === "too-large");
      await projectPresence({ records, directory, rule, tell: async (words) => void (await tell(words)) }, heard);
      await projectRefused(refused, events);
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
export function parkedHandler({ codec, directory, group, erasures, records, desk, logger }: ParkedHandlerParts): PartitionHandler {
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
      const erased = await erasures.clients();
      const kept = events.filter(({ event }) => !erased.has(event.client));
      await project(records, kept);
      await replayAdopted({ directory, desk }, kept.map(({ event }) => event));
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
