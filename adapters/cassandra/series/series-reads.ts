import {
  type Digest, DigestBuilder, firstAt, type FactRun, type LatestFact, MAX_ROWS, type PointKey, type RangeQuery, type RowBlock, rowsOf, selectRows, Words,
} from "@caudal/core";
import type { FactReader } from "./fact-reader.ts";
import type { NewestFact } from "./newest-cell.ts";
import type { PointHeads } from "./point-heads.ts";
import { ahead, type RunStream } from "./run-streams.ts";
import { DAY_US, FIRST_US, LAST_US } from "./span.ts";

/** What the tier answers from what is stored, whoever asks: rows, newest facts, digests. */
export class SeriesReads {
  readonly #heads: PointHeads;
  readonly #reader: FactReader;
  readonly #maxSpans: number;

  constructor(heads: PointHeads, reader: FactReader, maxSpans: number) {
    this.#heads = heads;
    this.#reader = reader;
    this.#maxSpans = maxSpans;
  }

  async *blocks(query: RangeQuery): AsyncGenerator<RowBlock> {
    const words = new Words();
    const descending = query.order === "descending";
    const variables = query.variables && new Set(query.variables.map((name) => words.idOf(name)));
    const { asOfUs, includeWithdrawn, allRevisions } = query;
    let rowsLeft = query.limit ?? Infinity;
    if (rowsLeft <= 0 || variables?.size === 0) return;
    // Who copies all that a point has must get all of it; everybody else is kept from asking for more than an answer can be.
    const limits = { descending, maxSpans: allRevisions === true ? Infinity : this.#maxSpans, ...(query.limit === undefined ? {} : { maxRows: query.limit }) };
    for await (const run of ahead(this.#runs(query, query, { words, ...limits }))) {
      let { start, end } = run;
      while (start < end) {
        const row = { fromUs: -Infinity, toUs: Infinity, descending, maxRows: Math.min(rowsLeft, MAX_ROWS), variables, asOfUs, includeWithdrawn, allRevisions };
        const { facts, rows, rest } = selectRows([{ facts: run.facts, start, end }], words, row);
        if (rows > 0) yield rowsOf(facts, rows, words);
        rowsLeft -= rows;
        if (rowsLeft <= 0) return;
        if (descending) end = isDone(rest) ? start : firstAt(run.facts, rest.toUs, start, end);
        else start = isDone(rest) ? end : firstAt(run.facts, rest.fromUs, start, end);
      }
    }
  }

  /** Newest facts of a point that are not withdrawn and not below its floor. */
  async latest({ client, point }: PointKey): Promise<LatestFact[]> {
    const found = await this.#heads.findWithNewest({ client, point });
    if (found === undefined) return [];
    const { floorUs } = found.head;
    const facts: LatestFact[] = [];
    for (const [variable, newest] of found.newest) {
      const isTaken = newest.reasons.includes("withdrawn");
      const fact = isTaken ? await this.#newestBefore({ client, point }, variable, { floorUs, toUs: newest.instantUs }) : newest;
      if (fact !== undefined && fact.instantUs >= floorUs) facts.push({ client, point, variable, ...fact });
    }
    return facts;
  }

  /** Of a UTC day, each fact at its greatest revision. */
  async digest(key: PointKey, dayStartUs: number): Promise<Digest> {
    const words = new Words();
    const builder = new DigestBuilder();
    for await (const run of this.#runs(key, { fromUs: dayStartUs, toUs: dayStartUs + DAY_US }, { words })) addRun(builder, run, words);
    return builder.finish();
  }

  /** Facts at and above the point's floor. */
  async *#runs(key: PointKey, range: { readonly fromUs: number; readonly toUs: number }, options: RunOptions): RunStream {
    const { words, ...more } = options;
    const head = await this.#heads.find(key);
    if (head === undefined) return;
    // Instants are whole, so a half-open range between them is the same as between the next whole ones.
    const fromUs = Math.max(Math.ceil(Math.max(range.fromUs, head.floorUs)), FIRST_US);
    yield* this.#reader.runs(key, { fromUs, toUs: Math.min(Math.ceil(range.toUs), LAST_US + 1), ...more }, words);
  }

  /** Looks for what holds instead of a variable's newest fact, which was withdrawn. */
  async #newestBefore(key: PointKey, variable: string, range: { readonly floorUs: number; readonly toUs: number }): Promise<NewestFact | undefined> {
    const words = new Words();
    const variables = new Set([words.idOf(variable)]);
    const fromUs = Math.max(Math.ceil(range.floorUs), FIRST_US);
    for await (const run of this.#reader.runs(key, { fromUs, toUs: range.toUs, descending: true, maxRows: 64 }, words)) {
      const query = { fromUs: -Infinity, toUs: Infinity, descending: true, maxRows: 1, variables, asOfUs: undefined };
      for (let { end } = run; run.start < end;) {
        const { facts, rest } = selectRows([{ ...run, end }], words, query);
        if (facts.length > 0) return factAt(facts, 0, words);
        end = isDone(rest) ? run.start : firstAt(run.facts, rest.toUs, run.start, end);
      }
    }
    return undefined;
  }
}

interface RunOptions {
  readonly words: Words;
  readonly descending?: boolean;
  readonly maxRows?: number;
  readonly maxSpans?: number;
}

function isDone({ fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): boolean {
  return fromUs >= toUs;
}

function factAt(facts: FactRun["facts"], index: number, words: Words): NewestFact {
  const value = facts.values[index]!;
  return {
    instantUs: facts.instants[index]!, value: Number.isNaN(value) ? null : value, flag: facts.flags[index]!, reasons: words.reasonsOf(facts.reasons[index]!),
    authority: facts.authorities[index]!, knownAtUs: facts.knownAts[index]!,
  };
}

/** Adds the greatest revision of each fact of a run; a digest is in the order of names, a run in that of their numbers. */
function addRun(builder: DigestBuilder, { facts, start, end }: FactRun, words: Words): void {
  for (let at = start; at < end;) {
    const first = at;
    const named: { readonly variable: string; readonly index: number }[] = [];
    for (; at < end && facts.instants[at] === facts.instants[first]; at++) {
      if (at === first || facts.variables[at] !== facts.variables[at - 1]) named.push({ variable: words.textOf(facts.variables[at]!), index: at });
    }
    named.sort((a, b) => (a.variable < b.variable ? -1 : 1));
    for (const { variable, index } of named) builder.add({ variable, ...factAt(facts, index, words) });
  }
}

