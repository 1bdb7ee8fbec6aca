import { groups, REPLAY_HEADER, topics, TRACE_HEADER, type Assignment, type DecisionRecord, type DocumentCollection, type ErasedClients, type Erasures, type EventLog, type LogRecord, type PartitionHandler, type RecordBatch, type StoredRecord } from "@caudal/core";
import { decodeBatch, madeOf, RECORD_CONTENT_TYPE, Tally, type Findings, type Metrics, type ParkBreaker, type Parker, type ParkItem } from "@caudal/runtime";
import type { Codec, PointEvent } from "@caudal/schemas";
import { ErasedStates } from "../state/erased-states.ts";
import type { Outputs, Partition } from "../state/partition.ts";
import type { Partitions } from "../state/partitions.ts";
import { eventKinds } from "../events.ts";
import type { RecountRunner } from "../recount/recount-runner.ts";
import { keepDecisions, type KeptDecision } from "../totaliser/decision-store.ts";
import { judgeEvent } from "./judge-event.ts";
import type { JudgingCounts } from "./judging-counts.ts";
import type { PointStateBody } from "./point-form.ts";
import { PointState } from "./point-state.ts";

/** What a batch is judged from. */
interface Judged {
  readonly good: Decoded;
  readonly parked: readonly ParkItem[];
  readonly erased: ErasedClients;
}

export interface JudgingParts {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly breaker: ParkBreaker;
  readonly metrics: Metrics;
  readonly findings: Findings;
  readonly erasures: Erasures;
  readonly decisions: DocumentCollection<DecisionRecord>;
  readonly partitions: Partitions<PointState, PointStateBody, JudgingCounts>;
  /** Absent where there is no tier to recount from. */
  readonly recounts: RecountRunner | undefined;
}

type JudgingPartition = Partition<PointState, PointStateBody, JudgingCounts>;
type Decoded = readonly { readonly record: StoredRecord; readonly value: PointEvent }[];

/** caudal.points to caudal.measurements, by point. */
export class JudgingHandler implements PartitionHandler {
  readonly #parts: JudgingParts;
  readonly #erasedStates = new ErasedStates<PointState, PointStateBody>();

  constructor(parts: JudgingParts) {
    this.#parts = parts;
  }

  async assigned(assignment: Assignment): Promise<number> {
    const { handledTo } = await this.#parts.partitions.open(assignment);
    await this.#parts.recounts?.opened(assignment.partition);
    return handledTo;
  }

  /** Between batches too, so that a partition without any lets go of what it has in memory. */
  async noticeErasures(): Promise<void> {
    const erased = await this.#parts.erasures.clients();
    for (const partition of this.#parts.partitions.all()) await partition.turns.run(async () => void (await this.#erasedStates.settle(partition, erased)));
  }

  async revoked(assignment: Assignment, lost: boolean): Promise<void> {
    this.#parts.recounts?.closed(assignment);
    await this.#parts.partitions.close(assignment, lost);
  }

  handle(batch: RecordBatch): Promise<void> {
    const partition = this.#parts.partitions.get(batch.partition);
    return partition.turns.run(() => this.#handle(partition, batch));
  }

  async #handle(partition: JudgingPartition, batch: RecordBatch): Promise<void> {
    await partition.settle();
    const fresh = { ...batch, records: batch.records.filter((record) => record.offset >= partition.handledTo) };
    if (fresh.records.length > 0) {
      const { good, parked } = await decodeBatch("PointEvent", fresh, { codec: this.#parts.codec, group: groups.judging });
      this.#parts.breaker.admit(fresh.records.length, parked);
      const erased = await this.#parts.erasures.clients();
      await this.#erasedStates.settle(partition, erased);
      partition.states.turn();
      await partition.states.load(new Set(good.map(({ value }) => value.point)));
      await partition.step(() => this.#judge(partition, batch, { good, parked, erased }));
    }
    if (partition.due) await partition.snapshot();
  }

  #judge(partition: JudgingPartition, batch: RecordBatch, { good, parked: undecoded, erased }: Judged): Outputs {
    const { codec, metrics, recounts } = this.#parts;
    const tally = new Tally();
    const records: LogRecord[] = [];
    const facts: number[] = [];
    const parked = [...undecoded];
    const decisions = new Map<string, KeptDecision>();
    let judged = 0;
    let reflected = 0;
    let withdrawn = 0;
    let replaced = 0;
    let duplicate = 0;
    for (const { record, value: event } of good) {
      const samples = event.samples.length + event.withdrawn.length;
      tally.came(samples);
      if (erased.has(event.client)) {
        tally.went("dropped", samples, "client-erased");
        partition.counts?.unsure(event.causePartition);
        continue;
      }
      let state = partition.states.get(event.point);
      if (state === undefined) {
        state = new PointState(event.client, event.point);
        partition.states.add(state);
      }
      if (state.asOfOffset >= record.offset) {
        reflected += samples;
        partition.counts?.unsure(event.causePartition);
        continue;
      }
      const outcome = judgeEvent(state, event, record.headers[REPLAY_HEADER] !== undefined);
      state.asOfOffset = record.offset;
      partition.states.changed(state);
      if (event.kind === eventKinds.recount) recounts?.met(state, event);
      if (!Number.isNaN(state.behindUs)) recounts?.after(batch.partition, state, event.kind);
      if (outcome.kind !== "drop" && record.headers[REPLAY_HEADER] === undefined) partition.counts?.took(event);
      if (outcome.kind === "keep") {
        judged += outcome.value.judged;
        withdrawn += outcome.value.withdrawn;
        for (const { id, ...decision } of outcome.value.decisions) decisions.set(id, { id, body: { ...decision, knownAtUs: state.knownAtUs ?? event.receivedAtUs, causeId: event.eventId } });
        replaced += outcome.value.replaced;
        const trace = record.headers[TRACE_HEADER];
        for (const measurement of outcome.value.measurements) {
          const made = { key: event.point, value: codec.encode("Measurement", measurement), made: madeOf(codec, "Measurement", measurement) };
          facts.push(measurement.facts.length);
          records.push(trace === undefined ? made : { ...made, headers: { [TRACE_HEADER]: trace } });
        }
      } else if (outcome.kind === "drop") duplicate += samples;
      else if (outcome.kind === "park") {
        parked.push(parkItem(batch, record, event, outcome));
        tally.went("parked", samples, outcome.why);
      }
    }
    // Nobody knows whose samples these are.
    if (undecoded.length > 0) partition.counts?.unsure();
    tally.went("judged", judged);
    tally.went("withdrawn", withdrawn);
    tally.went("replaced", replaced);
    tally.went("dropped", duplicate, "duplicate");
    tally.went("reflected", reflected);
    let published = false;
    return {
      nextOffset: batch.nextOffset,
      tally,
      send: async () => {
        // What comes behind it may fail and be done again: the facts stand already.
        if (!published) {
          if (records.length > 0) await this.#parts.log.publish(topics.measurements, records);
          partition.counts?.sent(records, facts);
          published = true;
        }
        if (decisions.size > 0) await keepDecisions(this.#parts.decisions, [...decisions.values()]);
        if (parked.length > 0) await this.#parts.parker.park(parked);
        tally.report(groups.judging, metrics);
        await this.#parts.findings.line(groups.judging, batch, tally);
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
