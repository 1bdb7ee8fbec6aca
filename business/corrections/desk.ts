import { correctionBody, hasCode, systemScope, topics, type CorrectionRecord, type DocumentCollection, type EventLog, type NewDocument, type StoredDocument } from "@caudal/core";
import type { Codec, PointEvent } from "@caudal/schemas";

export interface CorrectionDeskParts {
  readonly corrections: DocumentCollection<CorrectionRecord>;
  readonly log: EventLog;
  readonly codec: Codec;
}

const PAGE = 100;

/**
 * Takes corrections in: the document decides, its event on caudal.points follows. It is published first and marked after, so a crash between publishes the same
 * event once more; judging knows it by its id.
 */
export class CorrectionDesk {
  readonly #parts: CorrectionDeskParts;
  /** Ids that are being published as they were taken in: the round leaves them alone. */
  readonly #taking = new Set<string>();

  constructor(parts: CorrectionDeskParts) {
    this.#parts = parts;
  }

  /** Durable when it resolves. */
  async take(correction: NewDocument<CorrectionRecord>): Promise<void> {
    this.#taking.add(correction.id);
    try {
      const stored = await this.#parts.corrections.insert(systemScope, correction);
      // What cannot be published now is by the next round.
      await this.#publish(stored).catch((error: unknown) => {
        if (!hasCode(error, "unavailable")) throw error;
      });
    } finally {
      this.#taking.delete(correction.id);
    }
  }

  /** Publishes what was taken in and not published, in order. Resolves with how many there were. */
  async publishLeft(): Promise<number> {
    const { items } = await this.#parts.corrections.find(systemScope, { where: { unpublished: true }, orderBy: "atUs", limit: PAGE });
    const left = items.filter(({ id }) => !this.#taking.has(id));
    for (const stored of left) await this.#publish(stored);
    return left.length;
  }

  async #publish(stored: StoredDocument<CorrectionRecord>): Promise<void> {
    const { corrections, log, codec } = this.#parts;
    const { id, body, version } = stored;
    await log.publish(topics.points, eventsOf(stored).map((event) => ({ key: body.point, value: codec.encode("PointEvent", event) })));
    try {
      await corrections.replace(systemScope, { id, body: { ...body, unpublished: false } }, version);
    } catch (error) {
      // Another round marked it first.
      if (!hasCode(error, "version-conflict")) throw error;
    }
  }
}

/** One event says one value; what takes corrections back has one for each value that holds again. Ids follow from the document. */
function eventsOf({ id, body }: StoredDocument<CorrectionRecord>): PointEvent[] {
  const { client, point, atUs, timesUs, restored } = body;
  const values = restored === undefined ? [body.value] : [...new Set(restored)];
  return values.map((value, at) => ({
    eventId: restored === undefined ? id : `${id}.${at}`, client, point, kind: "correction", device: "", channel: "", source: "business", transport: "", observedAtUs: null, receivedAtUs: atUs,
    causeId: id, causePartition: -1, causeOffset: -1, samples: [], withdrawn: [], labels: {},
    body: correctionBody({ ...body, value, timesUs: restored === undefined ? timesUs : timesUs.filter((_, index) => restored[index] === value) }),
  }));
}
