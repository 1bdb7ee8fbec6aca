import { CaudalError, compareFacts, decodeBucket, encodeBucket, FactList, firstAt, mergeRuns, type FactRun, type PackResult, type PointKey, Words } from "@caudal/core";
import type { Cluster, Row } from "../cluster/cluster.ts";
import type { FactReader } from "./fact-reader.ts";
import { int64 } from "./fact-rows.ts";
import { SETTLED_AFTER_US, type PackedDays } from "./packed-days.ts";
import { PageFacts } from "./page-facts.ts";
import type { PointHeads } from "./point-heads.ts";
import { dayStart, DAY_US, FIRST_US, LAST_US, monthOf, type Span } from "./span.ts";
import type { PointStatements } from "./statements.ts";

const PAGE_ROWS = 4000;
/** Facts of one chunk at most, which a reader holds in memory (34 bytes each), and its bytes, which one write carries: more stay rows. */
const MAX_FACTS = 524_288;
const MAX_BYTES = 4 * 1024 * 1024;
/** What a row says beside its variables and its facts: instant, authority, known-at. */
const ROW_KEY_BYTES = 18;

const NOTHING: PackResult = { facts: 0, left: 0, bytesBefore: 0, bytesAfter: 0 };

export interface DayPackerParts {
  readonly cluster: Cluster;
  readonly statements: PointStatements;
  readonly packed: PackedDays;
  readonly reader: FactReader;
  readonly heads: PointHeads;
}

/** Rows of a day that were written up to its fence. */
interface LooseFacts {
  readonly run: FactRun;
  readonly bytes: number;
  /** Facts in rows that were written later. */
  readonly later: number;
}

/**
 * Packs the rows of a day into its chunk, in steps each of which leaves the day as it reads: the fence is durable before the rows are read, and the chunk before
 * they are removed, by one removal of what was written up to the fence. Writers look at the fence when their rows are durable, and write those behind it again.
 */
export class DayPacker {
  readonly #parts: DayPackerParts;

  constructor(parts: DayPackerParts) {
    this.#parts = parts;
  }

  async pack(key: PointKey, dayStartUs: number): Promise<PackResult> {
    const { cluster, statements, packed, reader, heads } = this.#parts;
    if (dayStartUs + DAY_US > Date.now() * 1000 - SETTLED_AFTER_US) throw new CaudalError("bad-request", "a day is packed when it has been over for two days");
    const head = await heads.find(key);
    const spans = await reader.spans(key, dayStartUs, dayStartUs + DAY_US);
    if (head === undefined || (await this.#firstLoose(key, spans, { fromUs: dayStartUs, toUs: dayStartUs + DAY_US })) === undefined) return NOTHING;
    const fenceUs = cluster.timestampUs();
    const month = monthOf(dayStartUs).text;
    await cluster.batch([statements.setFence(key, month, int64(dayStartUs), BigInt(fenceUs))]);
    const words = new Words();
    const loose = await this.#loose(key, spans, { dayStartUs, fenceUs, words });
    if (loose === undefined) return { ...NOTHING, left: MAX_FACTS };
    // Read after the rows, which another packer may have moved there meanwhile.
    const before = await packed.day(key, dayStartUs, words);
    const count = loose.run.end - loose.run.start;
    const all = before === undefined ? loose.run : mergeRuns(loose.run, { facts: before.facts, start: 0, end: before.facts.length }, true);
    const run = { ...all, start: firstAt(all.facts, head.floorUs, all.start, all.end) };
    const chunk = run.end - run.start > MAX_FACTS ? undefined : encodeBucket(run, words);
    if (chunk === undefined || chunk.length > MAX_BYTES) return { ...NOTHING, left: count + loose.later };
    mustHold(chunk, run, words);
    // With the fence as its time of writing, so that a client that was erased meanwhile stays so, and the latest of two packers stands.
    await cluster.batch([statements.setChunk(key, month, int64(dayStartUs), { chunk, fenceUs: BigInt(fenceUs) })]);
    const stored = await packed.day(key, dayStartUs, words);
    // Another packer's came later, or the client was erased: what is left to remove is theirs.
    if (stored?.writtenUs !== fenceUs || !stored.bytes.equals(chunk)) return { ...NOTHING, left: count + loose.later };
    for (const { text: span } of spans) await cluster.batch([statements.removeWrittenFacts(key, BigInt(fenceUs), { span, fromUs: int64(dayStartUs), toUs: int64(dayStartUs + DAY_US) })]);
    return { facts: count, left: loose.later, bytesBefore: loose.bytes, bytesAfter: chunk.length - (before?.bytes.length ?? 0) };
  }

  /** Start of the first day of the range that has rows and may be packed by now. */
  async unpackedDay(key: PointKey, fromUs: number, toUs: number): Promise<number | undefined> {
    const range = { fromUs: Math.max(Math.ceil(fromUs), FIRST_US), toUs: Math.min(Math.ceil(toUs), LAST_US + 1, dayStart(Date.now() * 1000 - SETTLED_AFTER_US)) };
    if (!(range.fromUs < range.toUs)) return undefined;
    const first = await this.#firstLoose(key, await this.#parts.reader.spans(key, range.fromUs, range.toUs), range);
    return first === undefined ? undefined : dayStart(first);
  }

  /** Instant of the first row of a range; the partitions are in order, but a month may hold what its days hold too. */
  async #firstLoose(key: PointKey, spans: readonly Span[], { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): Promise<number | undefined> {
    const { cluster, statements } = this.#parts;
    let firstUs = Infinity;
    for (const span of spans) {
      if (span.fromUs >= firstUs) break;
      const [row] = await cluster.query(statements.looseFact(key, span.text, int64(fromUs), int64(toUs)));
      if (row !== undefined) firstUs = Math.min(firstUs, Number(row["at"] as bigint));
    }
    return firstUs === Infinity ? undefined : firstUs;
  }

  /** Undefined when there are too many for a chunk. */
  async #loose(key: PointKey, spans: readonly Span[], { dayStartUs, fenceUs, words }: { readonly dayStartUs: number; readonly fenceUs: number; readonly words: Words }): Promise<LooseFacts | undefined> {
    const { cluster, statements } = this.#parts;
    let run: FactRun = { facts: new FactList(0), start: 0, end: 0 };
    let [bytes, later] = [0, 0];
    for (const { text } of spans) {
      const decoder = new PageFacts(words);
      const found = new FactList();
      let from: string | undefined;
      do {
        const page = await cluster.page(statements.writtenFacts(key, text, int64(dayStartUs), int64(dayStartUs + DAY_US)), { fetchSize: PAGE_ROWS, from });
        const settled = page.rows.filter((row) => Number(row["written"] as bigint) <= fenceUs);
        const part = decoder.take(settled, page.next === undefined);
        found.addRun(part.facts, part.start, part.end);
        bytes += settled.reduce((sum, row) => sum + bytesOf(row), 0);
        if (settled.length < page.rows.length) later += page.rows.filter((row) => !settled.includes(row)).reduce((sum, row) => sum + namesOf(row).length, 0);
        if (found.length > MAX_FACTS) return undefined;
        from = page.next;
      } while (from !== undefined);
      run = mergeRuns(run, { facts: found, start: 0, end: found.length }, true);
    }
    return { run, bytes, later };
  }
}

/** Rows are removed for what these bytes hold, so they are read once before. Fails with "corrupt". */
function mustHold(chunk: Buffer, { facts, start, end }: FactRun, words: Words): void {
  const held = decodeBucket(chunk, words);
  let isSame = held.length === end - start;
  for (let i = 0; isSame && i < held.length; i++) {
    isSame = compareFacts(held, i, facts, start + i) === 0 && Object.is(held.values[i], facts.values[start + i]) && held.flags[i] === facts.flags[start + i] && held.reasons[i] === facts.reasons[start + i];
  }
  if (!isSame) throw new CaudalError("corrupt", "a packed day does not hold what was packed; its rows stay as they are");
}

function namesOf(row: Row): readonly string[] {
  return JSON.parse(row["variables"] as string) as string[];
}

function bytesOf(row: Row): number {
  return ROW_KEY_BYTES + Buffer.byteLength(row["variables"] as string) + (row["facts"] as Buffer).length;
}
