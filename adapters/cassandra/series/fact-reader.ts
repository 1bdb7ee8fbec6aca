import { CaudalError, firstAt, type FactRun, type PointKey, type Words } from "@caudal/core";
import type { Cluster, Row } from "../cluster/cluster.ts";
import { int64 } from "./fact-rows.ts";
import { mayBePacked, type PackedDays } from "./packed-days.ts";
import { PageFacts } from "./page-facts.ts";
import { mergeStreams, type RunStream } from "./run-streams.ts";
import { dayOf, dayStart, monthOf, spanFrom, type Span } from "./span.ts";
import type { PointStatements } from "./statements.ts";

/** Rows of a page: a block of a long read, and what is under way behind it. */
const PAGE_ROWS = 4000;
const MAX_SPANS_PAGE = 5000;

/** Whole microseconds, fromUs <= instant < toUs, within what numbers hold exactly. */
export interface FactRange {
  readonly fromUs: number;
  readonly toUs: number;
  readonly descending?: boolean;
  /** Rows that are wanted at most, as far as that is known: pages are no larger than it takes. */
  readonly maxRows?: number;
  /** Partitions that may be read; all when absent. */
  readonly maxSpans?: number;
}

/** A part of a range with the partitions that hold its facts: mostly one, two around the day where partitions became narrower. */
interface Segment {
  readonly fromUs: number;
  readonly toUs: number;
  readonly spans: readonly Span[];
}

export interface FactReaderParts {
  readonly cluster: Cluster;
  readonly statements: PointStatements;
  readonly packed: PackedDays;
  readonly table: string;
}

/** Reads a point's facts, rows and packed days, out of its partitions as if they were one ordered list. */
export class FactReader {
  readonly #cluster: Cluster;
  readonly #statements: PointStatements;
  readonly #packed: PackedDays;
  readonly #upwards: string;
  readonly #downwards: string;
  readonly #atInstants: string;

  constructor({ cluster, statements, packed, table }: FactReaderParts) {
    const from = `FROM ${table} WHERE client = ? AND point = ? AND span = ?`;
    const range = `SELECT at, authority, known_at, variables, facts ${from}`;
    this.#cluster = cluster;
    this.#statements = statements;
    this.#packed = packed;
    this.#upwards = `${range} AND at >= ? AND at < ?`;
    this.#downwards = `${range} AND at >= ? AND at < ? ORDER BY at DESC`;
    this.#atInstants = `SELECT at, authority, known_at, variables, facts, WRITETIME(facts) AS written ${from} AND at IN ?`;
  }

  /**
   * Runs of facts in order, every revision. Fails with "bad-request" when the range holds more partitions than may be read: only those that the point has
   * count, so that a range from the beginning of time costs nothing by itself. Where rows are limited, it fails when so many were read in vain.
   */
  async *runs(key: PointKey, range: FactRange, words: Words): RunStream {
    const { fromUs, toUs, descending = false, maxRows, maxSpans = Infinity } = range;
    if (fromUs >= toUs) return;
    const spans = await this.spans(key, fromUs, toUs);
    if (maxRows === undefined && spans.length > maxSpans) throw tooMany(key, maxSpans);
    const segments = segmentsOf(spans, fromUs, toUs);
    let left = maxSpans;
    for (const segment of descending ? segments.toReversed() : segments) {
      if (maxRows !== undefined && left-- <= 0) throw tooMany(key, maxSpans);
      const [first, second] = segment.spans.map((span) => this.#partition(key, span.text, { ...range, ...segment }, words));
      yield* second === undefined ? first! : mergeStreams(first!, second, descending);
    }
  }

  /** The point's partitions that overlap a range, in order. */
  async spans(key: PointKey, fromUs: number, toUs: number): Promise<readonly Span[]> {
    const statement = this.#statements.spans(key, monthOf(fromUs).text, dayOf(toUs - 1).text);
    const found: Row[] = [];
    let from: string | undefined;
    do {
      const page = await this.#cluster.page(statement, { fetchSize: MAX_SPANS_PAGE, from });
      found.push(...page.rows);
      from = page.next;
    } while (from !== undefined);
    return found.map((row) => spanFrom(row["span"] as string)).filter((span) => span.fromUs < toUs && span.toUs > fromUs);
  }

  /** Facts of some instants that stand in one partition or are packed, in order in each run; the number of instants is the caller's to bound. */
  async at(key: PointKey, spanText: string, instantsUs: readonly number[], words: Words): Promise<FactRun[]> {
    const statement = { query: this.#atInstants, params: [key.client, key.point, spanText, instantsUs.map(BigInt)] };
    const rows: Row[] = [];
    let from: string | undefined;
    do {
      const page = await this.#cluster.page(statement, { fetchSize: PAGE_ROWS, from });
      rows.push(...page.rows);
      from = page.next;
    } while (from !== undefined);
    const days = Map.groupBy(instantsUs.filter(mayBePacked), dayStart);
    if (days.size === 0) return [new PageFacts(words).take(rows, true)];
    // Asked for after the rows, as packing has it the other way round.
    const fences = await this.#packed.fences(key, days.keys());
    const packed = await Promise.all(Array.from(days, async ([dayStartUs, instants]) => (fences.has(dayStartUs) ? this.#packedAt(key, dayStartUs, instants, words) : [])));
    // A row that may be removed at any moment is known by what is packed, or it is not known.
    const standing = rows.filter((row) => Number(row["written"] as bigint) > (fences.get(dayStart(Number(row["at"] as bigint))) ?? -Infinity));
    return [new PageFacts(words).take(standing, true), ...packed.flat()];
  }

  async #packedAt(key: PointKey, dayStartUs: number, instantsUs: readonly number[], words: Words): Promise<FactRun[]> {
    const facts = (await this.#packed.day(key, dayStartUs, words))?.facts;
    if (facts === undefined) return [];
    return instantsUs.map((instantUs) => ({ facts, start: firstAt(facts, instantUs, 0, facts.length), end: firstAt(facts, instantUs + 1, 0, facts.length) }));
  }

  async *#partition(key: PointKey, spanText: string, { fromUs, toUs, descending = false, maxRows = Infinity }: FactRange, words: Words): RunStream {
    const statement = { query: descending ? this.#downwards : this.#upwards, params: [key.client, key.point, spanText, int64(fromUs), int64(toUs)] };
    // Some rows more than wanted: there may be several of one instant, or withdrawn ones.
    const fetchSize = Math.min(PAGE_ROWS, maxRows * 2 + 8);
    const facts = new PageFacts(words, descending);
    const rest = { fromUs, toUs };
    let from: string | undefined;
    do {
      const page = await this.#cluster.page(statement, { fetchSize, from });
      const run = facts.take(page.rows, page.next === undefined);
      const borderUs = facts.waitingUs ?? (descending ? fromUs - 1 : toUs);
      const known = descending ? { fromUs: borderUs + 1, toUs: rest.toUs } : { fromUs: rest.fromUs, toUs: borderUs };
      yield* this.#packed.with(key, run, { ...known, descending, maxRows }, words);
      if (descending) rest.toUs = borderUs + 1;
      else rest.fromUs = borderUs;
      from = page.next;
    } while (from !== undefined);
  }
}

function tooMany({ point }: PointKey, maxSpans: number): CaudalError {
  return new CaudalError("bad-request", `the range holds more than ${maxSpans} partitions of ${point}; ask for shorter ones, one after the other`);
}

/** Cuts a range at the borders of its days, which may lie within a month that has facts too. */
function segmentsOf(spans: readonly Span[], fromUs: number, toUs: number): readonly Segment[] {
  const borders = [...new Set(spans.flatMap((span) => [Math.max(span.fromUs, fromUs), Math.min(span.toUs, toUs)]))].sort((a, b) => a - b);
  const segments: Segment[] = [];
  let first = 0;
  for (let i = 1; i < borders.length; i++) {
    const [from, to] = [borders[i - 1]!, borders[i]!];
    while (first < spans.length && spans[first]!.toUs <= from) first += 1;
    const within: Span[] = [];
    // A month stands before its days.
    for (let at = first; at < spans.length && spans[at]!.fromUs <= from; at++) if (spans[at]!.toUs > from) within.push(spans[at]!);
    if (within.length > 0) segments.push({ fromUs: from, toUs: to, spans: within });
  }
  return segments;
}
