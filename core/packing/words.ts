import { CaudalError } from "../errors.ts";

/** As it stands in a set of reasons. */
const WITHDRAWN = '"withdrawn"';

/** Numbers for the texts that repeat in every fact: variables, and sets of reasons as sorted JSON arrays. 0 is no reasons. */
export class Words {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #withdrawn = new Set<number>();

  constructor() {
    this.idOf("[]");
  }

  /** How many numbers are taken. */
  get size(): number {
    return this.#texts.length;
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
    if (text === undefined) throw new CaudalError("corrupt", `word ${id} is used and was never defined`);
    return text;
  }

  /** True for a set of reasons that takes its fact back. */
  isWithdrawn(id: number): boolean {
    return this.#withdrawn.has(id);
  }

  /** Number of a set of reasons in any order. */
  idOfReasons(reasons: readonly string[]): number {
    return reasons.length === 0 ? 0 : this.idOf(JSON.stringify(reasons.length > 1 ? reasons.toSorted() : reasons));
  }

  reasonsOf(id: number): readonly string[] {
    return id === 0 ? [] : (JSON.parse(this.textOf(id)) as string[]);
  }
}
