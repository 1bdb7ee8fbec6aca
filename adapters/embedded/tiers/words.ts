import { CaudalError } from "@caudal/core";

/** As it stands in a set of reasons. */
const WITHDRAWN = '"withdrawn"';

/**
 * Numbers for the texts that repeat in every fact: variables, and sets of reasons as sorted JSON arrays. 0 is no reasons.
 * New ones live in memory until the transaction that first stores their number stores them too.
 */
export class Words {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #withdrawn = new Set<number>();
  #stored = 0;

  constructor() {
    this.load(["[]"]);
  }

  /** Words that the file holds already, by number from `count` on. */
  load(texts: readonly string[]): void {
    for (const text of texts) this.idOf(text);
    this.#stored = this.#texts.length;
  }

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#ids.set(text, id);
    this.#texts.push(text);
    if (text.includes(WITHDRAWN) && text.startsWith("[")) this.#withdrawn.add(id);
    return id;
  }

  /** Number of a word that may never have been seen. */
  find(text: string): number | undefined {
    return this.#ids.get(text);
  }

  textOf(id: number): string {
    const text = this.#texts[id];
    if (text === undefined) throw new CaudalError("corrupt", `the tier's file uses word ${id} and does not hold it`);
    return text;
  }

  /** True for a set of reasons that takes its fact back. */
  isWithdrawn(id: number): boolean {
    return this.#withdrawn.has(id);
  }

  reasonsOf(id: number): readonly string[] {
    return id === 0 ? [] : (JSON.parse(this.textOf(id)) as string[]);
  }

  /** Words that no transaction has stored yet; `markStored` says that one has committed. */
  notStored(): readonly { readonly id: number; readonly text: string }[] {
    return this.#texts.slice(this.#stored).map((text, i) => ({ id: this.#stored + i, text }));
  }

  markStored(): void {
    this.#stored = this.#texts.length;
  }
}
