import { compareFacts, FactList, type FactRun, type Words } from "@caudal/core";
import type { Row } from "../cluster/cluster.ts";
import { decodeFacts, type RowShape } from "./fact-cell.ts";

/**
 * Turns rows of the table, as pages bring them, into runs of facts in order. The rows of one instant may stand in two pages, so those
 * of a page's last instant wait for the next one.
 */
export class PageFacts {
  readonly #words: Words;
  readonly #descending: boolean;
  readonly #shapes = new Map<string, RowShape>();
  #waiting: readonly Row[] = [];

  constructor(words: Words, descending = false) {
    this.#words = words;
    this.#descending = descending;
  }

  /** Instant of the rows that wait; undefined when none do. */
  get waitingUs(): number | undefined {
    const [row] = this.#waiting;
    return row === undefined ? undefined : Number(row["at"] as bigint);
  }

  /** Facts of a page's rows, apart from those that wait; the last page lets all go. */
  take(page: readonly Row[], isLast: boolean): FactRun {
    const all = this.#waiting.length === 0 ? page : [...this.#waiting, ...page];
    let end = all.length;
    if (!isLast) while (end > 0 && all[end - 1]!["at"] === all.at(-1)!["at"]) end -= 1;
    this.#waiting = all.slice(end);
    return this.#decode(end === all.length ? all : all.slice(0, end));
  }

  #decode(rows: readonly Row[]): FactRun {
    const facts = new FactList(rows.length * 3);
    const count = rows.length;
    const row = (i: number): Row => rows[this.#descending ? count - 1 - i : i]!;
    for (let first = 0; first < count;) {
      const at = row(first)["at"] as bigint;
      let next = first + 1;
      while (next < count && row(next)["at"] === at) next += 1;
      if (next === first + 1) this.#add(facts, row(first), Number(at));
      else this.#addRevisions(facts, Array.from({ length: next - first }, (_, i) => row(first + i)), Number(at));
      first = next;
    }
    return { facts, start: 0, end: facts.length };
  }

  /** Facts of several rows of one instant, sorted; a revision that stands in two rows once. */
  #addRevisions(facts: FactList, rows: readonly Row[], instantUs: number): void {
    const some = new FactList(rows.length * 4);
    for (const row of rows) this.#add(some, row, instantUs);
    const order = Array.from({ length: some.length }, (_, i) => i).sort((a, b) => compareFacts(some, a, some, b));
    order.forEach((index, i) => {
      if (i === 0 || compareFacts(some, order[i - 1]!, some, index) !== 0) facts.add(some, index);
    });
  }

  #add(facts: FactList, row: Row, instantUs: number): void {
    const head = { instantUs, authority: row["authority"] as number, knownAtUs: Number(row["known_at"] as bigint) };
    decodeFacts(row["facts"] as Buffer, this.#shape(row["variables"] as string), head, { facts, words: this.#words });
  }

  #shape(variables: string): RowShape {
    const known = this.#shapes.get(variables);
    if (known !== undefined) return known;
    const ids = (JSON.parse(variables) as string[]).map((name) => this.#words.idOf(name));
    const places = ids.map((_, place) => place).sort((a, b) => ids[a]! - ids[b]!);
    const shape = { ids, places };
    this.#shapes.set(variables, shape);
    return shape;
  }
}
