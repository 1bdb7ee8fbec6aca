import { hasCode, topics, type EventLog, type PointKey } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import type { Span } from "./pairs.ts";

export interface ArrivalsOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  /** Instants at and above are of no interest: what is forgotten lies below. */
  readonly keepBelowUs: () => number;
}

interface Seen {
  readonly offset: number;
  readonly instantUs: number;
}

interface Tail {
  nextOffset: number;
  /** What was seen before this offset may have been let go. */
  knownFrom: number;
  seen: Map<string, Seen[]>;
  count: number;
  reading: Promise<void>;
}

const READ_RECORDS = 2000;
/** More than that between two looks is not read: whoever asks compares again. */
const MAX_BEHIND = 50_000;
const MAX_SEEN = 50_000;

/** Which old instants facts came for since some offset of caudal.measurements, read from the log's end as it grows. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #tails = new Map<number, Tail>();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** True when a fact of the point and span came at or after the offset, or when nobody can tell any more. */
  async touched(partition: number, sinceOffset: number, key: PointKey, { fromUs, toUs }: Span): Promise<boolean> {
    const tail = this.#tailOf(partition, sinceOffset);
    const reading = tail.reading.then(() => this.#catchUp(partition, tail));
    tail.reading = reading.catch(() => undefined);
    await reading;
    if (sinceOffset < tail.knownFrom) return true;
    return (tail.seen.get(nameOf(key)) ?? []).some(({ offset, instantUs }) => offset >= sinceOffset && instantUs >= fromUs && instantUs < toUs);
  }

  #tailOf(partition: number, sinceOffset: number): Tail {
    const standing = this.#tails.get(partition);
    if (standing !== undefined) return standing;
    const tail: Tail = { nextOffset: sinceOffset, knownFrom: sinceOffset, seen: new Map(), count: 0, reading: Promise.resolve() };
    this.#tails.set(partition, tail);
    return tail;
  }

  async #catchUp(partition: number, tail: Tail): Promise<void> {
    const { log, codec, keepBelowUs } = this.#options;
    const endOffset = (await log.bounds(topics.measurements)).find((bounds) => bounds.partition === partition)?.endOffset ?? 0;
    if (endOffset - tail.nextOffset > MAX_BEHIND) letGo(tail, endOffset);
    const belowUs = keepBelowUs();
    while (tail.nextOffset < endOffset) {
      const batch = await log.read({ topic: topics.measurements, partition, fromOffset: tail.nextOffset, maxRecords: READ_RECORDS }).catch((error: unknown) => {
        if (hasCode(error, "offset-out-of-range")) return undefined;
        throw error;
      });
      if (batch === undefined) return letGo(tail, endOffset);
      for (const { offset, value } of batch.records) {
        const decoded = codec.decode("Measurement", value);
        // What cannot be read is parked by every group: no tier takes it.
        if (!decoded.ok || decoded.value.instantUs >= belowUs) continue;
        note(tail, nameOf(decoded.value), { offset, instantUs: decoded.value.instantUs });
      }
      if (batch.nextOffset <= tail.nextOffset) return;
      tail.nextOffset = batch.nextOffset;
      if (tail.count > MAX_SEEN) letGo(tail, tail.nextOffset);
    }
  }
}

function note(tail: Tail, name: string, seen: Seen): void {
  const list = tail.seen.get(name);
  if (list === undefined) tail.seen.set(name, [seen]);
  else list.push(seen);
  tail.count += 1;
}

function letGo(tail: Tail, offset: number): void {
  tail.nextOffset = offset;
  tail.knownFrom = offset;
  tail.seen = new Map();
  tail.count = 0;
}

function nameOf({ client, point }: PointKey): string {
  return `${client}\0${point}`;
}
