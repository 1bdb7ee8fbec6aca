import { groups, TRACE_HEADER, topics, type Assignment, type ErasedClients, type Erasures, type EventLog, type LogRecord, type PartitionHandler, type RecordBatch } from "@caudal/core";
import { decodeBatch, madeOf, Tally, type Findings, type Metrics, type ParkBreaker, type Parker, type ParkItem } from "@caudal/runtime";
import type { Codec, PointEvent } from "@caudal/schemas";
import { ErasedStates } from "../state/erased-states.ts";
import type { Outputs } from "../state/partition.ts";
import type { Partitions } from "../state/partitions.ts";
import type { DeviceStateBody } from "./device-form.ts";
import type { DeviceState } from "./device-state.ts";
import { mapReading } from "./map-reading.ts";
import type { MappingCounts } from "./mapping-counts.ts";
import type { MappingPartition, Preparation } from "./preparation.ts";
import type { ShelfStore } from "./shelf-store.ts";
import { parkWork, workOf, type Work } from "./work.ts";

export interface MappingParts {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly breaker: ParkBreaker;
  readonly metrics: Metrics;
  readonly findings: Findings;
  readonly partitions: Partitions<DeviceState, DeviceStateBody, MappingCounts>;
  readonly preparation: Preparation;
  readonly shelves: ShelfStore;
  readonly erasures: Erasures;
  /** Records of devices in memory may be of a client that was erased, or came back, meanwhile. */
  readonly forgetDirectory: () => void;
  /** Called with a partition that is owned now, before its first batch. */
  readonly gained: (partition: MappingPartition) => Promise<void>;
}

/** What a turn has made so far. */
export interface Made {
  readonly events: TracedEvent[];
  readonly tally: Tally;
}

/** An event for caudal.points with the trace of the reading that it came from. */
export interface TracedEvent {
  readonly event: PointEvent;
  readonly trace: string | undefined;
}

/** Samples in all places that are mapped, and events that are encoded and published, at a time: a key that feeds many points makes many of few readings. */
export const PART_SAMPLES = 20_000;
const PUBLISH_EVENTS = 5000;

/** What a batch is mapped from. */
interface Prepared {
  readonly works: readonly Work[];
  readonly parked: readonly ParkItem[];
  readonly erased: ErasedClients;
}

/** caudal.readings to caudal.points, by device. */
export class MappingHandler implements PartitionHandler {
  readonly #parts: MappingParts;
  readonly #erasedStates = new ErasedStates<DeviceState, DeviceStateBody>();

  constructor(parts: MappingParts) {
    this.#parts = parts;
  }

  async assigned(assignment: Assignment): Promise<number> {
    const partition = await this.#parts.partitions.open(assignment);
    partition.repeatTo = (await this.#parts.log.bounds(topics.readings)).find((bounds) => bounds.partition === assignment.partition)?.endOffset ?? 0;
    await this.#parts.gained(partition);
    return partition.handledTo;
  }

  /** Between batches too, so that a partition without any lets go of what it has in memory. */
  async noticeErasures(): Promise<void> {
    const erased = await this.#parts.erasures.clients();
    for (const partition of this.#parts.partitions.all()) await partition.turns.run(() => this.#notice(partition, erased));
  }

  async #notice(partition: MappingPartition, erased: ErasedClients): Promise<void> {
    if (await this.#erasedStates.settle(partition, erased)) this.#parts.forgetDirectory();
  }

  async revoked(assignment: Assignment, lost: boolean): Promise<void> {
    await this.#parts.partitions.close(assignment, lost);
  }

  handle(batch: RecordBatch): Promise<void> {
    const partition = this.#parts.partitions.get(batch.partition);
    return partition.turns.run(() => this.#handle(partition, batch));
  }

  async #handle(partition: MappingPartition, batch: RecordBatch): Promise<void> {
    await partition.settle();
    const fresh = { ...batch, records: batch.records.filter((record) => record.offset >= partition.handledTo) };
    if (fresh.records.length > 0) {
      const erased = await this.#parts.erasures.clients();
      await this.#notice(partition, erased);
      const { good, parked } = await decodeBatch("Reading", fresh, { codec: this.#parts.codec, group: groups.mapping });
      this.#parts.breaker.admit(fresh.records.length, parked);
      const works = good.map(({ record, value }) => workOf(record, value));
      partition.states.turn();
      const taken = works.filter(({ reading }) => !erased.has(reading.client));
      await this.#parts.preparation.prepare(partition, taken);
      const parts = this.#inParts(partition, works);
      for (const [at, part] of parts.entries()) {
        const nextOffset = parts[at + 1]?.[0]?.record.offset ?? batch.nextOffset;
        await partition.step(() => this.#map(partition, { ...batch, nextOffset }, { works: part, parked: at === 0 ? parked : [], erased }));
        if (at + 1 < parts.length) await partition.assignment.heartbeat();
      }
    }
    if (partition.due) await partition.snapshot();
  }

  /** The works so that each part makes no more than so many samples for all points, one reading at least. */
  #inParts(partition: MappingPartition, works: readonly Work[]): Work[][] {
    const parts: Work[][] = [[]];
    let samples = 0;
    for (const work of works) {
      const mapping = partition.states.get(work.id)?.current;
      const made = mapping?.fans === true ? work.reading.samples.reduce((sum, { key }) => sum + mapping.reach(key), 0) : work.reading.samples.length;
      const last = parts.at(-1) ?? [];
      if (samples + made > PART_SAMPLES && last.length > 0 && mapping?.fans === true) {
        parts.push([work]);
        samples = made;
        continue;
      }
      last.push(work);
      samples += made;
    }
    return parts;
  }

  #map(partition: MappingPartition, batch: RecordBatch, { works, parked: undecoded, erased }: Prepared): Outputs {
    const tally = new Tally();
    const events: TracedEvent[] = [];
    const parked = [...undecoded];
    const place = { topic: batch.topic, partition: batch.partition };
    let unsure = false;
    for (const work of works) {
      if (erased.has(work.reading.client)) {
        tally.came(work.reading.samples.length);
        tally.went("dropped", work.reading.samples.length, "client-erased");
        continue;
      }
      const state = partition.states.get(work.id);
      if (state === undefined) {
        tally.came(work.reading.samples.length);
        tally.went("parked", work.reading.samples.length, "unknown-device");
        parked.push(parkWork(work, place, { reason: "unknown-device", detail: `device ${work.id} waits for somebody to adopt it` }, groups.mapping));
        continue;
      }
      // While its past is mapped anew a device waits; the remap reaches this record too.
      if (state.remap === undefined) unsure = this.#mapCounted(partition, state, work, { events, tally }) || unsure;
      else {
        tally.came(work.reading.samples.length);
        tally.went("deferred", work.reading.samples.length);
        unsure = true;
      }
    }
    partition.counts?.handled(batch.nextOffset, unsure);
    return { nextOffset: batch.nextOffset, tally, send: () => this.send(events, parked, tally, batch) };
  }

  /** Maps one reading of a device, by its current mapping, into events for caudal.points; undefined where the state reflects it already. */
  mapWork(partition: MappingPartition, state: DeviceState, { record, reading }: Work, made: Made): readonly PointEvent[] | undefined {
    if (state.asOfOffset >= record.offset) {
      made.tally.came(reading.samples.length);
      made.tally.went("reflected", reading.samples.length);
      return undefined;
    }
    const shelfAt = this.#parts.shelves.of(state.id);
    const admit = (key: string, timeUs: number, value: number): boolean => state.memory.admit(key, timeUs, value, shelfAt);
    const place = { partition: partition.assignment.partition, offset: record.offset };
    const events = mapReading({ reading, place }, state.current, admit, made.tally);
    state.asOfOffset = record.offset;
    partition.states.changed(state);
    for (const event of events) made.events.push({ event, trace: record.headers[TRACE_HEADER] });
    return events;
  }

  /** True when nobody knows what the reading gave: it was mapped before a crash. */
  #mapCounted(partition: MappingPartition, state: DeviceState, work: Work, made: Made): boolean {
    const events = this.mapWork(partition, state, work, made);
    partition.counts?.mapped(work.record.offset, events?.reduce((sum, { samples }) => sum + samples.length, 0) ?? 0);
    return events === undefined;
  }

  #pointRecord({ event, trace }: TracedEvent): LogRecord {
    const { codec } = this.#parts;
    const record = { key: event.point, value: codec.encode("PointEvent", event), made: madeOf(codec, "PointEvent", event) };
    return trace === undefined ? record : { ...record, headers: { [TRACE_HEADER]: trace } };
  }

  /** Makes a batch's outputs durable and counts it. */
  async send(events: readonly TracedEvent[], parked: readonly ParkItem[], tally: Tally, batch: RecordBatch): Promise<void> {
    for (const part of inPublishes(events)) await this.#parts.log.publish(topics.points, part.map((event) => this.#pointRecord(event)));
    if (parked.length > 0) await this.#parts.parker.park(parked);
    tally.report(groups.mapping, this.#parts.metrics);
    await this.#parts.findings.line(groups.mapping, batch, tally);
  }
}

/** Encoded a part at a time, so that memory is bounded by it; what is sent again after a part failed is known by its ids. */
function* inPublishes(events: readonly TracedEvent[]): Generator<readonly TracedEvent[]> {
  let from = 0;
  let samples = 0;
  for (let at = 0; at < events.length; at += 1) {
    const { event } = events[at]!;
    samples += event.samples.length + event.withdrawn.length;
    if (samples < PART_SAMPLES && at + 1 - from < PUBLISH_EVENTS) continue;
    yield events.slice(from, at + 1);
    [from, samples] = [at + 1, 0];
  }
  if (from < events.length) yield events.slice(from);
}
