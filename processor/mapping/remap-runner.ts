import { setImmediate as nextTurn } from "node:timers/promises";
import { groups, REPLAY_HEADER, TRACE_HEADER, topics, type DeviceRecord, type StoredDocument, type StoredRecord } from "@caudal/core";
import { decodeBatch, Tally, type Logger } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { RemapPhase } from "../events.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import type { DeviceState } from "./device-state.ts";
import { DuplicateMemory } from "./duplicate-memory.ts";
import { Mapping } from "./mapping.ts";
import { MappingChange } from "./mapping-change.ts";
import { PART_SAMPLES, type Made, type MappingHandler } from "./mapping-handler.ts";
import type { MappingPartition, Preparation } from "./preparation.ts";
import { needsWithdrawPhase, remapReading } from "./remap-reading.ts";
import { inSlices, waited } from "./remap-slices.ts";
import { workOf, type Work } from "./work.ts";

/** Records of a partition of caudal.readings from an offset to before another, in order: the raw archive, then the log. */
export type Past = (partition: number, fromOffset: number, toOffset: number) => AsyncIterable<readonly StoredRecord[]>;

export interface RemapParts {
  readonly past: Past;
  readonly codec: Codec;
  readonly directory: DeviceDirectory;
  readonly preparation: Preparation;
  readonly handler: () => MappingHandler;
  readonly logger: Logger;
}

/** Devices that one reading of the past serves. */
const MAX_DEVICES = 500;
/** When so few records are left the partition waits for the rest, so that the remap comes to an end under load. */
const LAST_RECORDS = 5000;
const SHELVES_KEPT = 64;
const LOOK_AGAIN_MS = 50;
const RETRY_AFTER_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

interface Pass {
  readonly partition: MappingPartition;
  readonly ids: ReadonlySet<string>;
  readonly phase: RemapPhase;
  /** What this pass has met of each device: overlapping polls of the past make no new revisions either. */
  readonly memories: Map<string, DuplicateMemory>;
  /** By device, what its change makes of its samples. */
  readonly changes: ReadonlyMap<string, MappingChange>;
  /** Records of these devices a turn: a key that feeds many points makes many events of each. */
  readonly recordsATurn: number;
  /** Records below it were mapped by the mappings before: after a crash the partition may stand before it, and these are the past all the same. */
  readonly pastTo: number;
}

interface Begun {
  readonly id: string;
  readonly phase: RemapPhase;
  readonly nextOffset: number;
  readonly startOffset: number;
  readonly change: MappingChange;
}

/**
 * Maps the past of devices anew after a person changed what their keys mean. It works in slices between the partition's batches; the
 * devices' own newer records are reached by it last, in order, and other devices go on. What it must do stands in the devices' states
 * before its first output, so that a crash makes it go on.
 */
export class RemapRunner {
  readonly #parts: RemapParts;
  readonly #queues = new Map<MappingPartition, Map<string, StoredDocument<DeviceRecord>>>();
  readonly #running = new Map<MappingPartition, Promise<void>>();

  constructor(parts: RemapParts) {
    this.#parts = parts;
  }

  /** Asks for the device's past to be mapped by its newest record. Asking again changes nothing. */
  request(partition: MappingPartition, record: StoredDocument<DeviceRecord>): void {
    const queue = this.#queues.get(partition) ?? new Map<string, StoredDocument<DeviceRecord>>();
    this.#queues.set(partition, queue);
    queue.set(record.id, record);
    if (!this.#running.has(partition)) this.#start(partition, queue);
  }

  /** Oldest change that waits or is at work on the partition; Infinity when there is none. */
  oldestChangeUs(partition: MappingPartition): number {
    let oldest = Infinity;
    for (const { body } of this.#queues.get(partition)?.values() ?? []) oldest = Math.min(oldest, body.changedAtUs);
    return oldest;
  }

  /** Devices that wait or are at work. */
  get pending(): number {
    return [...this.#queues.values()].reduce((total, queue) => total + queue.size, 0);
  }

  /** Resolves when what runs has ended; it ends soon once its partitions are taken away. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #start(partition: MappingPartition, queue: Map<string, StoredDocument<DeviceRecord>>): void {
    const run = this.#run(partition, queue).finally(() => {
      this.#running.delete(partition);
      if (queue.size > 0 && !partition.assignment.signal.aborted) this.#start(partition, queue);
      else this.#queues.delete(partition);
    });
    this.#running.set(partition, run);
  }

  async #run(partition: MappingPartition, queue: Map<string, StoredDocument<DeviceRecord>>): Promise<void> {
    const { signal } = partition.assignment;
    // Whoever asked holds the partition's turn.
    await nextTurn();
    let failures = 0;
    while (queue.size > 0 && !signal.aborted) {
      const ids = [...queue.keys()].slice(0, MAX_DEVICES);
      try {
        const begun = await this.#remap(partition, new Set(ids), queue);
        failures = 0;
        if (begun === 0 && queue.size > 0) await waited(LOOK_AGAIN_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.logger.warn("mapping.remap-retry", { partition: partition.assignment.partition, devices: ids.length, error });
        await waited(Math.min(LONGEST_RETRY_MS, RETRY_AFTER_MS * 2 ** failures++), signal);
      }
    }
  }

  async #remap(partition: MappingPartition, ids: ReadonlySet<string>, queue: Map<string, StoredDocument<DeviceRecord>>): Promise<number> {
    const begun = await partition.turns.run(() => this.#begin(partition, ids, queue));
    for (const phase of ["withdraw", "map"] as const) {
      const concerned = begun.filter((state) => state.phase === phase || phase === "map");
      if (concerned.length === 0) continue;
      const changes = new Map(concerned.map(({ id, change }) => [id, change]));
      const recordsATurn = Math.max(1, Math.floor(PART_SAMPLES / Math.max(...concerned.map(({ change }) => change.reach))));
      const pass: Pass = { partition, ids: new Set(changes.keys()), phase, memories: new Map(), changes, recordsATurn, pastTo: Math.max(...concerned.map(({ startOffset }) => startOffset)) };
      await this.#readPast(pass, Math.min(...concerned.map((state) => (state.phase === phase ? state.nextOffset : 0))));
    }
    if (begun.length > 0 && !partition.assignment.signal.aborted) this.#parts.logger.info("mapping.remapped", { partition: partition.assignment.partition, devices: begun.length });
    return begun.length;
  }

  /** Writes down what is to be done. Devices whose state turns out to need nothing leave the queue. */
  async #begin(partition: MappingPartition, ids: ReadonlySet<string>, queue: Map<string, StoredDocument<DeviceRecord>>): Promise<Begun[]> {
    await partition.settle();
    await partition.states.load(ids);
    const begun: DeviceState[] = [];
    for (const id of ids) {
      const state = partition.states.get(id);
      const record = queue.get(id)?.body;
      if (state === undefined || record === undefined || (state.remap === undefined && state.mapping.version >= record.directoryVersion)) {
        queue.delete(id);
        continue;
      }
      if (state.remap === undefined) {
        // What an owner before this one may have published comes again by the mapping that made it.
        if (partition.handledTo < partition.repeatTo) continue;
        const mapping = new Mapping(record.directoryVersion, record.entries, record.feeds);
        const inline = !needsWithdrawPhase(state.mapping, mapping);
        state.remap = { mapping, changedAtUs: record.changedAtUs, startOffset: partition.handledTo, phase: inline ? "map" : "withdraw", inline, nextOffset: 0 };
        partition.states.changed(state);
      }
      begun.push(state);
    }
    await partition.states.write(begun);
    return begun.flatMap(({ id, mapping, remap }) => (remap === undefined ? [] : [{ id, phase: remap.phase, nextOffset: remap.nextOffset, startOffset: remap.startOffset, change: new MappingChange(mapping, remap.mapping) }]));
  }

  async #readPast(pass: Pass, fromOffset: number): Promise<void> {
    const { partition } = pass;
    const { signal } = partition.assignment;
    const end = (): number => Math.max(partition.handledTo, pass.pastTo);
    let position = fromOffset;
    for (;;) {
      const to = end();
      for await (const slice of this.#slices(pass, position, to)) {
        if (signal.aborted) return;
        await partition.turns.run(async () => (signal.aborted ? undefined : this.#slice(pass, slice)));
        position = (slice.at(-1)?.offset ?? position) + 1;
        await nextTurn();
      }
      position = Math.max(position, to);
      if (signal.aborted) return;
      const done = await partition.turns.run(async () => {
        if (signal.aborted) return true;
        if (end() - position > LAST_RECORDS) return false;
        for await (const slice of this.#slices(pass, position, end())) await this.#slice(pass, slice);
        await this.#finish(pass);
        return true;
      });
      if (done) return;
    }
  }

  async *#slices({ partition, ids, recordsATurn }: Pass, fromOffset: number, toOffset: number): AsyncGenerator<readonly StoredRecord[]> {
    if (fromOffset < toOffset) yield* inSlices(this.#parts.past(partition.assignment.partition, fromOffset, toOffset), { ids, recordsATurn });
  }

  async #slice(pass: Pass, slice: readonly StoredRecord[]): Promise<void> {
    const { partition, ids, phase } = pass;
    const nextOffset = (slice.at(-1)?.offset ?? -1) + 1;
    const records = slice.filter((record) => ids.has(record.key));
    await partition.settle();
    partition.states.turn();
    await partition.states.load(ids);
    // What cannot be decoded was parked when it was first met.
    const batch = { topic: topics.readings, partition: partition.assignment.partition, records, nextOffset, endOffset: nextOffset };
    const { good } = await decodeBatch("Reading", batch, { codec: this.#parts.codec, group: groups.mapping });
    const works = good.map(({ record, value }) => workOf(record, value));
    const newer = works.filter((work) => work.record.offset >= (partition.states.get(work.id)?.remap?.startOffset ?? Infinity));
    if (phase === "map" && newer.length > 0) await this.#parts.preparation.prepare(partition, newer);
    await partition.step(() => {
      const made: Made = { events: [], tally: new Tally() };
      for (const work of works) this.#one(pass, work, made);
      for (const id of ids) {
        const state = partition.states.get(id);
        if (state?.remap === undefined || state.remap.nextOffset >= nextOffset) continue;
        state.remap.nextOffset = nextOffset;
        partition.states.changed(state);
      }
      return { nextOffset: partition.handledTo, tally: made.tally, send: () => this.#parts.handler().send(made.events, [], made.tally, batch) };
    });
    await partition.assignment.heartbeat();
    if (partition.due) await partition.snapshot();
  }

  #one({ partition, phase, memories, changes }: Pass, work: Work, made: Made): void {
    const state = partition.states.get(work.id);
    const remap = state?.remap;
    const change = changes.get(work.id);
    const { offset, headers } = work.record;
    if (state === undefined || remap === undefined || change === undefined) return;
    if (offset >= remap.startOffset) {
      // Counted when it came.
      if (phase === "map" && offset > state.asOfOffset) this.#parts.handler().mapWork(partition, state, work, { events: made.events, tally: new Tally() });
      return;
    }
    // A replayed record stands for one that is read here too.
    if (offset < remap.nextOffset || headers[REPLAY_HEADER] !== undefined) return;
    const memory = memories.get(work.id) ?? new DuplicateMemory();
    memories.set(work.id, memory);
    const admit = (key: string, timeUs: number, value: number): boolean => memory.admit(key, timeUs, value, () => undefined);
    const place = { partition: partition.assignment.partition, offset };
    for (const event of remapReading({ reading: work.reading, place }, change, remap, admit)) made.events.push({ event, trace: headers[TRACE_HEADER] });
    for (const seq of memory.sealed.keys()) {
      if (memory.sealed.size <= SHELVES_KEPT) break;
      memory.sealed.delete(seq);
    }
  }

  /** Everything up to the partition's place is done: the next phase begins, or the new mapping is the one in force. */
  async #finish({ partition, ids, phase }: Pass): Promise<void> {
    await partition.states.load(ids);
    const records: StoredDocument<DeviceRecord>[] = [];
    const queue = this.#queues.get(partition);
    for (const id of ids) {
      const state = partition.states.get(id);
      if (state?.remap === undefined) continue;
      if (phase === "withdraw") state.remap = { ...state.remap, phase: "map", nextOffset: 0 };
      else {
        state.mapping = state.remap.mapping;
        state.remap = undefined;
        state.asOfOffset = Math.max(state.asOfOffset, partition.handledTo - 1);
        queue?.delete(id);
        const record = this.#parts.directory.get(id);
        if (record !== undefined) records.push(record);
      }
      partition.states.changed(state);
    }
    // A further change, or a key learned meanwhile, may wait already.
    this.#parts.preparation.takeOver(partition, records, true);
    partition.touch();
    await partition.snapshot();
  }
}
