import { CaudalError, decodeBucket, firstAt, mergeRuns, type FactList, type FactRun, type PointKey, type Words } from "@caudal/core";
import type { Cluster, Row } from "../cluster/cluster.ts";
import { int64 } from "./fact-rows.ts";
import type { RunStream } from "./run-streams.ts";
import { dayStart, DAY_US, monthOf } from "./span.ts";
import type { PointStatements } from "./statements.ts";

/** Days are packed when they are over for so long; whoever writes or reads later ones need not look, as long as clocks are within a day of each other. */
export const SETTLED_AFTER_US = 2 * DAY_US;
const LOOKED_AFTER_US = DAY_US;
/** Chunks of a page, which are a few kilobytes mostly. */
const PAGE_CHUNKS = 8;

export interface DayRange {
  readonly fromUs: number;
  readonly toUs: number;
  readonly descending?: boolean | undefined;
  readonly maxRows?: number | undefined;
}

/** True for an instant whose day may be packed, or being packed, by now. */
export function mayBePacked(instantUs: number): boolean {
  return dayStart(instantUs) + DAY_US <= Date.now() * 1000 - LOOKED_AFTER_US;
}

/** Reads the chunks of packed days, and how far days are fenced. */
export class PackedDays {
  readonly #cluster: Cluster;
  readonly #statements: PointStatements;

  constructor(cluster: Cluster, statements: PointStatements) {
    this.#cluster = cluster;
    this.#statements = statements;
  }

  /**
   * A run of loose facts, which holds all that lay loose in the range, together with what is packed of it, a day at a time. To be called when the loose
   * facts were read: packing writes the chunk before it removes what the chunk holds, so what was not there any more is found here.
   */
  async *with(key: PointKey, loose: FactRun, range: DayRange, words: Words): RunStream {
    let rest = loose;
    for await (const { dayStartUs, facts } of this.#within(key, range, words)) {
      const { descending = false } = range;
      const cutUs = descending ? dayStartUs : dayStartUs + DAY_US;
      const at = firstAt(rest.facts, cutUs, rest.start, rest.end);
      const [before, after] = [{ ...rest, end: at }, { ...rest, start: at }];
      const packed = { facts, start: firstAt(facts, range.fromUs, 0, facts.length), end: firstAt(facts, range.toUs, 0, facts.length) };
      const merged = mergeRuns(descending ? after : before, packed, true);
      if (merged.start < merged.end) yield merged;
      rest = descending ? before : after;
    }
    if (rest.start < rest.end) yield rest;
  }

  /** What is packed of a day, and when it was written; undefined where nothing is. */
  async day(key: PointKey, dayStartUs: number, words: Words): Promise<{ readonly facts: FactList; readonly bytes: Buffer; readonly writtenUs: number } | undefined> {
    const [row] = await this.#cluster.query(this.#statements.chunk(key, monthOf(dayStartUs).text, int64(dayStartUs)));
    const bytes = row?.["chunk"] as Buffer | null | undefined;
    if (bytes === null || bytes === undefined) return undefined;
    return { facts: decode(bytes, dayStartUs, words), bytes, writtenUs: Number(row!["written"] as bigint) };
  }

  /** Up to which time of writing rows of some days may be removed at any moment; days without a fence are left out. */
  async fences(key: PointKey, dayStartsUs: Iterable<number>): Promise<ReadonlyMap<number, number>> {
    const found = new Map<number, number>();
    const byMonth = Map.groupBy(dayStartsUs, (dayStartUs) => monthOf(dayStartUs).text);
    await Promise.all(Array.from(byMonth, async ([month, days]) => {
      const [from, to] = [Math.min(...days), Math.max(...days) + 1];
      for (const row of await this.#cluster.query(this.#statements.fences(key, month, int64(from), int64(to)))) {
        if (row["fence"] !== null) found.set(Number(row["day"] as bigint), Number(row["fence"] as bigint));
      }
    }));
    return found;
  }

  async *#within(key: PointKey, { fromUs, toUs, descending = false, maxRows = Infinity }: DayRange, words: Words): AsyncGenerator<{ readonly dayStartUs: number; readonly facts: FactList }> {
    if (fromUs >= toUs || !mayBePacked(fromUs)) return;
    const statement = (descending ? this.#statements.chunksDownwards : this.#statements.chunks)(key, monthOf(fromUs).text, int64(dayStart(fromUs)), int64(toUs));
    let from: string | undefined;
    do {
      const page = await this.#cluster.page(statement, { fetchSize: Math.max(1, Math.min(PAGE_CHUNKS, maxRows)), from });
      for (const row of page.rows) {
        const found = read(row, words);
        if (found !== undefined) yield found;
      }
      from = page.next;
    } while (from !== undefined);
  }
}

function read(row: Row, words: Words): { readonly dayStartUs: number; readonly facts: FactList } | undefined {
  const bytes = row["chunk"] as Buffer | null;
  const dayStartUs = Number(row["day"] as bigint);
  return bytes === null ? undefined : { dayStartUs, facts: decode(bytes, dayStartUs, words) };
}

function decode(bytes: Buffer, dayStartUs: number, words: Words): FactList {
  try {
    return decodeBucket(bytes, words);
  } catch (error) {
    throw new CaudalError("corrupt", `the packed day ${new Date(dayStartUs / 1000).toISOString().slice(0, 10)} of a point is damaged; remove its row of the chunks and replay the day from the raw archive (caudal replay)`, { cause: error });
  }
}
