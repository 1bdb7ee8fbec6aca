import { type PointKey, Words } from "@caudal/core";
import type { Fact, Measurement } from "@caudal/schemas";
import type { Cluster, Statement } from "../cluster/cluster.ts";
import type { FactReader } from "./fact-reader.ts";
import { type NewFacts, rowStatements, type RowStatements } from "./fact-rows.ts";
import { judgeFacts, lateInstants, Revisions, type FactCounts, type Judged } from "./judge-facts.ts";
import type { KnownPoint } from "./known-point.ts";
import type { KnownPoints } from "./known-points.ts";
import { compareAges, encodeNewest, type NewestFact } from "./newest-cell.ts";
import { mayBePacked, type PackedDays } from "./packed-days.ts";
import type { PointHeads } from "./point-heads.ts";
import { dayOf, dayStart, monthOf, spanOf, type Span } from "./span.ts";
import type { PointStatements } from "./statements.ts";

/** Instants that one statement may name, and statements of a batch that are not facts. */
const MAX_INSTANTS = 100;
const MAX_REMEMBERED_SPANS = 64;

export interface PointWriterParts {
  readonly cluster: Cluster;
  readonly statements: PointStatements;
  readonly factTable: string;
  readonly reader: FactReader;
  readonly packed: PackedDays;
  readonly heads: PointHeads;
  readonly points: KnownPoints;
}

/**
 * Writes measurements of one point. Facts that are newer than all known of their variable are written without a look; the others are looked up
 * first, so that what was there is counted as such. The partitions' names are durable before any fact in them; facts and newest facts are written side
 * by side: whatever of them is missing when a process ends is put right by the redelivery, since nothing was acknowledged.
 */
export class PointWriter {
  readonly #parts: PointWriterParts;
  readonly #rows: RowStatements;

  constructor(parts: PointWriterParts) {
    this.#parts = parts;
    this.#rows = rowStatements(parts.factTable);
  }

  /** Measurements with facts, none of which can fail to be stored for what it says; resolves when all is durable. */
  write(key: PointKey, measurements: readonly Measurement[]): Promise<FactCounts> {
    return this.#parts.points.inTurn(key, async () => {
      try {
        return await this.#write(key, measurements);
      } catch (error) {
        // Nobody knows what was written.
        this.#parts.points.forget(key);
        throw error;
      }
    });
  }

  async #write(key: PointKey, measurements: readonly Measurement[]): Promise<FactCounts> {
    const point = await this.#parts.points.begun(key, measurements[0]!.receivedAtUs);
    const above = measurements.filter(({ instantUs }) => instantUs >= point.floorUs);
    const stored = await this.#lookUp(key, point, lateInstants(above, point.newest));
    const judged = judgeFacts(above, point.newest, stored);
    if (above.length < measurements.length) for (const { instantUs, facts } of measurements) if (instantUs < point.floorUs) judged.counts.belowFloor += facts.length;
    const bySpan = this.#bySpan(judged, point);
    await this.#writeNewSpans(key, point, bySpan.keys());
    await allDone([this.#writeFacts(key, bySpan), this.#writeNewest(key, point, above)]);
    await this.#watchPace(key, point, above);
    return judged.counts;
  }

  /**
   * Writes rows, and looks then whether the days that they are of were fenced meanwhile: packing may remove rows written up to the fence without having seen
   * these, so they are written again behind it. A day that is fenced after this look is read by its packer after these rows are durable.
   */
  async #writeFacts(key: PointKey, bySpan: ReadonlyMap<string, readonly NewFacts[]>): Promise<void> {
    const { cluster, packed } = this.#parts;
    let rest = bySpan;
    for (let overtakenUs = -Infinity; rest.size > 0;) {
      const writtenUs = Math.max(cluster.timestampUs(), overtakenUs + 1);
      const batches = Array.from(rest, ([text, facts]) => [...this.#rows.batches(key, text, facts)]).flat();
      await allDone(batches.map((batch) => cluster.batch(batch, writtenUs)));
      const settled = new Set<number>();
      for (const facts of rest.values()) for (const { instantUs } of facts) if (mayBePacked(instantUs)) settled.add(dayStart(instantUs));
      const fences = settled.size === 0 ? new Map<number, number>() : await packed.fences(key, settled);
      overtakenUs = Math.max(-Infinity, ...fences.values());
      if (overtakenUs < writtenUs) return;
      const again = new Map<string, NewFacts[]>();
      for (const [text, facts] of rest) for (const some of facts) if ((fences.get(dayStart(some.instantUs)) ?? -Infinity) >= writtenUs) append(again, text, some);
      rest = again;
    }
  }

  /** The revisions that stand at some instants. */
  async #lookUp(key: PointKey, point: KnownPoint, instantsUs: readonly number[]): Promise<Revisions> {
    const revisions = new Revisions();
    if (instantsUs.length === 0) return revisions;
    const words = new Words();
    const bySpan = new Map<string, number[]>();
    for (const instantUs of instantsUs) {
      // What came before its partition became a day's stands in the month's.
      const spans = instantUs >= point.daysFromUs ? [dayOf(instantUs), monthOf(instantUs)] : [monthOf(instantUs)];
      for (const { text } of spans) append(bySpan, text, instantUs);
    }
    const lookUps = Array.from(bySpan, ([text, all]) => chunks(all).map((some) => this.#parts.reader.at(key, text, some, words))).flat();
    for (const run of (await Promise.all(lookUps)).flat()) revisions.addRun(run, words);
    return revisions;
  }

  #bySpan({ fresh }: Judged, point: KnownPoint): Map<string, NewFacts[]> {
    const found = new Map<string, NewFacts[]>();
    let span: Span | undefined;
    for (const { measurement: { instantUs, authority, knownAtUs }, facts } of fresh) {
      // Series come in runs. A month that days follow must not be taken for them.
      if (span === undefined || instantUs < span.fromUs || instantUs >= span.toUs || point.daysFromUs !== Infinity) span = spanOf(instantUs, point.daysFromUs);
      append(found, span.text, { instantUs, authority, knownAtUs, facts });
    }
    return found;
  }

  /** A partition that is not in the list would never be read nor erased, so it is there before its first fact. */
  async #writeNewSpans(key: PointKey, point: KnownPoint, texts: Iterable<string>): Promise<void> {
    const unknown = [...texts].filter((text) => !point.spans.has(text));
    if (unknown.length === 0) return;
    for (const some of chunks(unknown)) await this.#parts.cluster.batch(some.map((text) => this.#parts.statements.addSpan(key, text)));
    if (point.spans.size > MAX_REMEMBERED_SPANS) point.spans.clear();
    for (const text of unknown) point.spans.add(text);
  }

  /** Newest facts, also of those that were there: the process that wrote them may have ended before it came to this. */
  async #writeNewest(key: PointKey, point: KnownPoint, measurements: readonly Measurement[]): Promise<void> {
    const newer = new Map<string, { readonly fact: Fact; readonly measurement: Measurement }>();
    for (const measurement of measurements) {
      for (const fact of measurement.facts) {
        const known = newer.get(fact.variable)?.measurement ?? point.newest.get(fact.variable);
        if (known === undefined || compareAges(measurement, known) > 0) newer.set(fact.variable, { fact, measurement });
      }
    }
    if (newer.size === 0) return;
    const writes: Statement[] = Array.from(newer, ([variable, { fact, measurement }]) => this.#parts.statements.setNewest(key, point.era, variable, {
      instantUs: BigInt(measurement.instantUs), cell: encodeNewest(fact, measurement.instantUs, measurement),
    }));
    for (const some of chunks(writes)) await this.#parts.cluster.batch(some);
    for (const [variable, { fact, measurement }] of newer) point.newest.set(variable, newestFrom(fact, measurement));
  }

  async #watchPace(key: PointKey, point: KnownPoint, measurements: readonly Measurement[]): Promise<void> {
    if (point.daysFromUs !== Infinity) return;
    for (const { instantUs } of measurements) point.pace.note(instantUs);
    const daysFromUs = point.pace.daysFromUs();
    if (daysFromUs === undefined) return;
    this.#parts.points.keep(key, { ...point, daysFromUs: await this.#parts.heads.splitDays(key, daysFromUs) });
  }
}

/** Waits for all, whatever becomes of the first: nothing may be written behind the back of who erases the point next. */
async function allDone(writes: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function newestFrom({ value, flag, reasons }: Fact, { instantUs, authority, knownAtUs }: Measurement): NewestFact {
  return { value, flag, reasons, instantUs, authority, knownAtUs };
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

function chunks<T>(items: readonly T[]): (readonly T[])[] {
  if (items.length <= MAX_INSTANTS) return [items];
  return Array.from({ length: Math.ceil(items.length / MAX_INSTANTS) }, (_, i) => items.slice(i * MAX_INSTANTS, (i + 1) * MAX_INSTANTS));
}
