import { topics, type EventLog, type LogRecord, type PointKey } from "@caudal/core";
import type { Codec, Fact, Measurement, PointEvent } from "@caudal/schemas";
import { eventKinds } from "../events.ts";
import type { Change } from "./change.ts";

const SOURCE = "replay";
const RECORDS_AT_ONCE = 500;
/** Of each point; more are mended by the next round. */
const FACTS_AT_ONCE = 10_000;

export interface ApplyOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  /** Names the replay in what it publishes. */
  readonly id: string;
  readonly nowUs: number;
}

/**
 * Puts a mark on caudal.points for each point: an event without facts, whose knownAt is now. What the replay found is then known since that
 * event, and whatever comes after it is known later.
 */
export async function markReplayed(keys: readonly PointKey[], { log, codec, id, nowUs }: ApplyOptions): Promise<void> {
  const records = keys.map(({ client, point }): LogRecord => {
    const event: PointEvent = {
      eventId: `${SOURCE}:${id}/${point}`, client, point, kind: eventKinds.replayed, device: "", channel: "", source: SOURCE, transport: SOURCE, observedAtUs: null, receivedAtUs: nowUs,
      causeId: id, causePartition: -1, causeOffset: -1, samples: [], withdrawn: [], body: null, labels: {},
    };
    return { key: point, value: codec.encode("PointEvent", event) };
  });
  for (let at = 0; at < records.length; at += RECORDS_AT_ONCE) await log.publish(topics.points, records.slice(at, at + RECORDS_AT_ONCE));
}

/** Gathers the facts of one point's changes and publishes them as measurements, each with the revision that makes it hold. */
export class Publication {
  readonly #options: ApplyOptions;
  readonly #knownUntilUs: number;
  readonly #withdraw: boolean;
  readonly #measurements = new Map<string, Measurement & { readonly facts: Fact[] }>();
  #facts = 0;

  /** `knownUntilUs`: knownAt of the point's mark. No later event of the point is known as early, so nothing newer is ever written over. */
  constructor(options: ApplyOptions, { knownUntilUs, withdraw }: { readonly knownUntilUs: number; readonly withdraw: boolean }) {
    this.#options = options;
    this.#knownUntilUs = knownUntilUs;
    this.#withdraw = withdraw;
  }

  get facts(): number {
    return this.#facts;
  }

  /** False when the change is left as it is: a fact that nothing gives, unless it is to be taken back, or one that cannot be outdone yet. */
  add(change: Change): boolean {
    const { client, point, instantUs, variable, reason, before, after } = change;
    if (this.#facts >= FACTS_AT_ONCE || (reason === "unconfirmed" && !this.#withdraw)) return false;
    // What cold lost comes back with the revision that it had. All else must outdo what cold holds, and is known since the mark.
    const knownAtUs = reason === "lost" ? after!.knownAtUs : this.#knownUntilUs;
    if (before !== null && before.knownAtUs >= knownAtUs) return false;
    const fact: Fact = after === null ? { variable, value: null, flag: 2, reasons: ["withdrawn"] } : { variable, value: after.value, flag: after.flag, reasons: [...after.reasons] };
    const id = `${instantUs}/${knownAtUs}`;
    const known = this.#measurements.get(id);
    if (known !== undefined) known.facts.push(fact);
    else {
      const { id: replay, nowUs } = this.#options;
      this.#measurements.set(id, {
        eventId: `${SOURCE}:${replay}/${point}@${id}`, client, point, device: "", channel: "", source: SOURCE, transport: SOURCE, instantUs, observedAtUs: instantUs, receivedAtUs: nowUs,
        authority: after?.authority ?? before?.authority ?? 0, knownAtUs, causeId: replay, facts: [fact], labels: {},
      });
    }
    this.#facts += 1;
    return true;
  }

  /** Durable in the log when it resolves; twice is as good as once. */
  async publish(): Promise<void> {
    const { log, codec } = this.#options;
    const records = [...this.#measurements.values()].map((value): LogRecord => ({ key: value.point, value: codec.encode("Measurement", value) }));
    for (let at = 0; at < records.length; at += RECORDS_AT_ONCE) await log.publish(topics.measurements, records.slice(at, at + RECORDS_AT_ONCE));
  }
}
