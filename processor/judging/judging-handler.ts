import { groups, REPLAY_HEADER, topics, TRACE_HEADER, type Assignment, type EventLog, type LogRecord, type PartitionHandler, type RecordBatch, type StoredRecord } from "@caudal/core";
import { decodeBatch, RECORD_CONTENT_TYPE, type Metrics, type ParkBreaker, type Parker, type ParkItem } from "@caudal/runtime";
import type { Codec, PointEvent } from "@caudal/schemas";
import type { Outputs, Partition } from "../state/partition.ts";
import type { Partitions } from "../state/partitions.ts";
import { Tally } from "../state/tally.ts";
import { judgeEvent } from "./judge-event.ts";
import type { PointStateBody } from "./point-form.ts";
import { PointState } from "./point-state.ts";

export interface JudgingParts {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly breaker: ParkBreaker;
  readonly metrics: Metrics;
  readonly partitions: Partitions<PointState, PointStateBody>;
}

type Decoded = readonly { readonly record: StoredRecord; readonly value: PointEvent }[];

/** caudal.points to caudal.measurements, by point. */
export class JudgingHandler implements PartitionHandler {
  readonly #parts: JudgingParts;

  constructor(parts: JudgingParts) {
    this.#parts = parts;
  }

  async assigned(assignment: Assignment): Promise<number> {
    return (await this.#parts.partitions.open(assignment)).handledTo;
  }

  async revoked(assignment: Assignment, lost: boolean): Promise<void> {
    await this.#parts.partitions.close(assignment, lost);
  }

  handle(batch: RecordBatch): Promise<void> {
    const partition = this.#parts.partitions.get(batch.partition);
    return partition.turns.run(() => this.#handle(partition, batch));
  }

  async #handle(partition: Partition<PointState, PointStateBody>, batch: RecordBatch): Promise<void> {
    await partition.settle();
    const fresh = { ...batch, records: batch.records.filter((record) => record.offset >= partition.handledTo) };
    if (fresh.records.length > 0) {
      const { good, parked } = await decodeBatch("PointEvent", fresh, { codec: this.#parts.codec, group: groups.judging });
      this.#parts.breaker.admit(fresh.records.length, parked);
      partition.states.turn();
      await partition.states.load(new Set(good.map(({ value }) => value.point)));
      await partition.step(() => this.#judge(partition, batch, good, parked));
    }
    if (partition.due) await partition.snapshot();
  }

  #judge(partition: Partition<PointState, PointStateBody>, batch: RecordBatch, good: Decoded, undecoded: readonly ParkItem[]): Outputs {
    const { codec, metrics } = this.#parts;
    const tally = new Tally();
    const records: LogRecord[] = [];
    const parked = [...undecoded];
    let judged = 0;
    let reflected = 0;
    let withdrawn = 0;
    let replaced = 0;
    let duplicate = 0;
    for (const { record, value: event } of good) {
      const facts = event.samples.length + event.withdrawn.length;
      tally.came(facts);
      let state = partition.states.get(event.point);
      if (state === undefined) {
        state = new PointState(event.client, event.point);
        partition.states.add(state);
      }
      if (state.asOfOffset >= record.offset) {
        reflected += facts;
        continue;
      }
      const outcome = judgeEvent(state, event, record.headers[REPLAY_HEADER] !== undefined);
      state.asOfOffset = record.offset;
      partition.states.changed(state);
      if (outcome.kind === "keep") {
        judged += outcome.value.judged;
        withdrawn += outcome.value.withdrawn;
        replaced += outcome.value.replaced;
        const trace = record.headers[TRACE_HEADER];
        for (const measurement of outcome.value.measurements) {
          const value = codec.encode("Measurement", measurement);
          records.push(trace === undefined ? { key: event.point, value } : { key: event.point, value, headers: { [TRACE_HEADER]: trace } });
        }
      } else if (outcome.kind === "drop") duplicate += facts;
      else if (outcome.kind === "park") {
        parked.push(parkItem(batch, record, event, outcome));
        tally.went("parked", facts, outcome.why);
      }
    }
    tally.went("judged", judged);
    tally.went("withdrawn", withdrawn);
    tally.went("replaced", replaced);
    tally.went("dropped", duplicate, "duplicate");
    tally.went("reflected", reflected);
    return {
      nextOffset: batch.nextOffset,
      tally,
      send: async () => {
        if (records.length > 0) await this.#parts.log.publish(topics.measurements, records);
        if (parked.length > 0) await this.#parts.parker.park(parked);
        tally.report(groups.judging, metrics);
      },
    };
  }
}

function parkItem(batch: RecordBatch, record: StoredRecord, event: PointEvent, { why, detail }: { why: ParkItem["reason"]; detail: string }): ParkItem {
  const { client, device, source, transport, receivedAtUs, labels } = event;
  const { [REPLAY_HEADER]: _replayFor, ...headers } = record.headers;
  return {
    client, device, source, transport, receivedAtUs, labels, group: groups.judging, reason: why, detail, value: record.value, contentType: RECORD_CONTENT_TYPE,
    key: record.key, topic: batch.topic, partition: batch.partition, offset: record.offset, origin: `${batch.topic}/${batch.partition}/${record.offset}`, headers,
  };
}
