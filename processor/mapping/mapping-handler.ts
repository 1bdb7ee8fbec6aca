import { groups, TRACE_HEADER, topics, type Assignment, type EventLog, type LogRecord, type PartitionHandler, type RecordBatch } from "@caudal/core";
import { decodeBatch, type Metrics, type ParkBreaker, type Parker, type ParkItem } from "@caudal/runtime";
import type { Codec, PointEvent } from "@caudal/schemas";
import type { Outputs } from "../state/partition.ts";
import type { Partitions } from "../state/partitions.ts";
import { Tally } from "../state/tally.ts";
import type { DeviceStateBody } from "./device-form.ts";
import type { DeviceState } from "./device-state.ts";
import { mapReading } from "./map-reading.ts";
import type { MappingPartition, Preparation } from "./preparation.ts";
import type { ShelfStore } from "./shelf-store.ts";
import { parkWork, workOf, type Work } from "./work.ts";

export interface MappingParts {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly breaker: ParkBreaker;
  readonly metrics: Metrics;
  readonly partitions: Partitions<DeviceState, DeviceStateBody>;
  readonly preparation: Preparation;
  readonly shelves: ShelfStore;
  /** Called with a partition that is owned now, before its first batch. */
  readonly gained: (partition: MappingPartition) => Promise<void>;
}

/** What a turn has made so far. */
export interface Made {
  readonly records: LogRecord[];
  readonly tally: Tally;
}

/** caudal.readings to caudal.points, by device. */
export class MappingHandler implements PartitionHandler {
  readonly #parts: MappingParts;

  constructor(parts: MappingParts) {
    this.#parts = parts;
  }

  async assigned(assignment: Assignment): Promise<number> {
    const partition = await this.#parts.partitions.open(assignment);
    await this.#parts.gained(partition);
    return partition.handledTo;
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
      const { good, parked } = await decodeBatch("Reading", fresh, { codec: this.#parts.codec, group: groups.mapping });
      this.#parts.breaker.admit(fresh.records.length, parked);
      const works = good.map(({ record, value }) => workOf(record, value));
      partition.states.turn();
      await this.#parts.preparation.prepare(partition, works);
      await partition.step(() => this.#map(partition, batch, works, parked));
    }
    if (partition.due) await partition.snapshot();
  }

  #map(partition: MappingPartition, batch: RecordBatch, works: readonly Work[], undecoded: readonly ParkItem[]): Outputs {
    const tally = new Tally();
    const records: LogRecord[] = [];
    const parked = [...undecoded];
    const place = { topic: batch.topic, partition: batch.partition };
    for (const work of works) {
      const state = partition.states.get(work.id);
      if (state === undefined) {
        tally.came(work.reading.samples.length);
        tally.went("parked", work.reading.samples.length, "unknown-device");
        parked.push(parkWork(work, place, { reason: "unknown-device", detail: `device ${work.id} waits for somebody to adopt it` }, groups.mapping));
        continue;
      }
      // While its past is mapped anew a device waits; the remap reaches this record too.
      if (state.remap === undefined) this.mapWork(partition, state, work, { records, tally });
    }
    return { nextOffset: batch.nextOffset, tally, send: () => this.send(records, parked, tally) };
  }

  /** Maps one reading of a device, by its current mapping, into records for caudal.points. */
  mapWork(partition: MappingPartition, state: DeviceState, { record, reading }: Work, { records, tally }: Made): void {
    if (state.asOfOffset >= record.offset) {
      tally.came(reading.samples.length);
      tally.went("reflected", reading.samples.length);
      return;
    }
    const shelfAt = this.#parts.shelves.of(state.id);
    const admit = (key: string, timeUs: number, value: number): boolean => state.memory.admit(key, timeUs, value, shelfAt);
    const place = { partition: partition.assignment.partition, offset: record.offset };
    const events = mapReading({ reading, place }, state.current, admit, tally);
    state.asOfOffset = record.offset;
    partition.states.changed(state);
    for (const event of events) records.push(this.pointRecord(event, record.headers[TRACE_HEADER]));
  }

  pointRecord(event: PointEvent, trace: string | undefined): LogRecord {
    const value = this.#parts.codec.encode("PointEvent", event);
    return trace === undefined ? { key: event.point, value } : { key: event.point, value, headers: { [TRACE_HEADER]: trace } };
  }

  /** Makes a batch's outputs durable and counts it. */
  async send(records: readonly LogRecord[], parked: readonly ParkItem[], tally: Tally): Promise<void> {
    if (records.length > 0) await this.#parts.log.publish(topics.points, records);
    if (parked.length > 0) await this.#parts.parker.park(parked);
    tally.report(groups.mapping, this.#parts.metrics);
  }
}
