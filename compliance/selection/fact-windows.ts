import { systemScope, type RowBlock, type SeriesTier } from "@caudal/core";
import type { Obra } from "../obras/obra.ts";

/** What slots are read from. */
export type SlotSeries = Pick<SeriesTier, "read">;

/** A fact as it stands now. */
export interface Fact {
  readonly instantUs: number;
  /** NaN for a fact without a value. */
  readonly value: number;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly authority: number;
  readonly knownAtUs: number;
}

/** Both ends belong to it. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Spans that lie so near to each other are read in one go, as far as one read reaches: one range of some hours costs less than a question an hour. */
const GAP_US = 3_600_000_000;
const READ_US = 86_400_000_000;

/** Facts of a work's feeds within some spans. */
export class FactWindows {
  readonly #facts: ReadonlyMap<string, readonly Fact[]>;

  /** By point, a line break, and variable. */
  constructor(facts: ReadonlyMap<string, readonly Fact[]>) {
    this.#facts = facts;
  }

  /** In order of time, with those that were taken back. */
  within({ point, variable }: { readonly point: string; readonly variable: string }, { fromUs, toUs }: Span): readonly Fact[] {
    const facts = this.#facts.get(keyOf(point, variable)) ?? [];
    const from = firstFrom(facts, fromUs);
    let to = from;
    while (to < facts.length && facts[to]!.instantUs <= toUs) to++;
    return facts.slice(from, to);
  }}

/** Reads what a work's feeds hold within the spans; one read a point and merged range, and nothing outside of the spans is kept. */
export async function readWindows(series: SlotSeries, { client, feeds }: Pick<Obra, "client" | "feeds">, spans: readonly Span[]): Promise<FactWindows> {
  const wanted = joined(spans, 0, Infinity);
  const ranges = joined(spans, GAP_US, READ_US);
  const facts = new Map<string, Fact[]>();
  for (const [point, of] of Map.groupBy(feeds, (feed) => feed.point)) {
    const variables = [...new Set(of.map(({ variable }) => variable))];
    for (const { fromUs, toUs } of ranges) {
      const blocks = series.read(systemScope, { client, point, fromUs, toUs: toUs + 1, variables, includeWithdrawn: true });
      for await (const block of blocks) keep(block, { point, wanted, facts });
    }
  }
  return new FactWindows(facts);
}

function keep({ rows, timesUs, columns }: RowBlock, { point, wanted, facts }: { readonly point: string; readonly wanted: readonly Span[]; readonly facts: Map<string, Fact[]> }): void {
  let span = 0;
  for (let row = 0; row < rows; row++) {
    const instantUs = timesUs[row]!;
    while (span < wanted.length && wanted[span]!.toUs < instantUs) span++;
    if (span === wanted.length) return;
    if (instantUs < wanted[span]!.fromUs) continue;
    for (const { variable, values, flags, reasons, authorities, knownAtUs } of columns) {
      if (flags[row] === 0) continue;
      const key = keyOf(point, variable);
      let list = facts.get(key);
      if (list === undefined) facts.set(key, (list = []));
      list.push({ instantUs, value: values[row]!, flag: flags[row]!, reasons: reasons.get(row) ?? [], authority: authorities[row]!, knownAtUs: knownAtUs[row]! });
    }
  }
}

/** The spans in order; those that lie within `gapUs` of each other are one, as long as it stays within `mostUs`. */
function joined(spans: readonly Span[], gapUs: number, mostUs: number): readonly Span[] {
  const out: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromUs - b.fromUs || a.toUs - b.toUs)) {
    const last = out.at(-1);
    const toUs = Math.max(last?.toUs ?? 0, span.toUs);
    // What overlaps is one range however long it gets: no row may be read twice.
    if (last !== undefined && (span.fromUs <= last.toUs || (span.fromUs - last.toUs <= gapUs && toUs - last.fromUs <= mostUs))) out[out.length - 1] = { fromUs: last.fromUs, toUs };
    else out.push(span);
  }
  return out;
}

function firstFrom(facts: readonly Fact[], fromUs: number): number {
  let [low, high] = [0, facts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (facts[middle]!.instantUs < fromUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf(point: string, variable: string): string {
  return `${point}\n${variable}`;
}
