import { createHash } from "node:crypto";
import { configurationBody, hasCode, systemScope, topics, type DocumentCollection, type EventLog, type PointRecord, type StoredDocument } from "@caudal/core";
import type { Codec, PointEvent } from "@caudal/schemas";

export interface ConfigurationPublisherOptions {
  readonly points: DocumentCollection<PointRecord>;
  readonly log: EventLog;
  readonly codec: Codec;
}

const PAGE = 200;

/** The event id follows from the change, so publishing twice gives the same event; its time tells a point that was taken away and made again from what it was. */
function eventOf({ id, body }: StoredDocument<PointRecord>): PointEvent {
  const { client, revision, changedAtUs } = body;
  const eventId = createHash("sha256").update(JSON.stringify(["configuration", id, revision, changedAtUs])).digest("hex").slice(0, 32);
  return {
    eventId, client, point: id, kind: "configuration", device: "", channel: "", source: "business", transport: "", observedAtUs: null,
    receivedAtUs: changedAtUs, causeId: `${id}@${revision}`, causePartition: -1, causeOffset: -1, samples: [], withdrawn: [],
    body: configurationBody(body), labels: {},
  };
}

/**
 * Puts changes of points onto caudal.points. The point's document decides; this is its projection: published first, marked after, so a
 * crash between publishes the same event once more, and a change made meanwhile is published by the next round. Of changes that follow
 * each other faster than the rounds the newest is published: each holds all limits. Resolves with how many there were.
 */
export async function publishConfigurations({ points, log, codec }: ConfigurationPublisherOptions): Promise<number> {
  const { items } = await points.find(systemScope, { where: { unpublished: true }, limit: PAGE });
  if (items.length === 0) return 0;
  await log.publish(topics.points, items.map((stored) => ({ key: stored.id, value: codec.encode("PointEvent", eventOf(stored)) })));
  await Promise.all(items.map(({ id, version, body }) =>
    points.replace(systemScope, { id, body: { ...body, unpublished: false } }, version).catch((error: unknown) => {
      // Somebody's newer change, still unpublished: the next round has it.
      if (!hasCode(error, "version-conflict")) throw error;
    })));
  return items.length;
}
