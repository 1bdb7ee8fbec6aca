import { createHash } from "node:crypto";
import { systemScope, topics, type DocumentCollection, type EventLog, type PointRecord, type StoredDocument } from "@caudal/core";
import type { Codec, PointEvent } from "@caudal/schemas";

export interface ConfigurationPublisherOptions {
  readonly points: DocumentCollection<PointRecord>;
  readonly log: EventLog;
  readonly codec: Codec;
}

const PAGE = 200;

/** The event id follows from the change, so publishing twice gives the same event. */
function eventOf({ id, version, body }: StoredDocument<PointRecord>): PointEvent {
  const eventId = createHash("sha256").update(JSON.stringify(["configuration", id, version])).digest("hex").slice(0, 32);
  return {
    eventId, client: body.client, point: id, kind: "configuration", device: "", channel: "", source: "business", transport: "", observedAtUs: null,
    receivedAtUs: body.changedAtUs, causeId: `${id}@${version}`, causePartition: -1, causeOffset: -1, samples: [], withdrawn: [],
    body: JSON.stringify(body.variables), labels: {},
  };
}

/**
 * Puts changes of points onto caudal.points. The point's document decides; this is its projection: published first, marked after, so a
 * crash between publishes once more, and a change made meanwhile is published by the next round. Resolves with how many there were.
 */
export async function publishConfigurations({ points, log, codec }: ConfigurationPublisherOptions): Promise<number> {
  const { items } = await points.find(systemScope, { where: { unpublished: true }, limit: PAGE });
  if (items.length === 0) return 0;
  await log.publish(topics.points, items.map((stored) => ({ key: stored.id, value: codec.encode("PointEvent", eventOf(stored)) })));
  for (const { id, version, body } of items) {
    // A conflict is somebody's newer change, still unpublished: the next round has it.
    await points.replace(systemScope, { id, body: { ...body, unpublished: false } }, version).catch(() => undefined);
  }
  return items.length;
}
