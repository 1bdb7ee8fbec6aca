import type { PointKey } from "@caudal/core";

/** Word of rollups that changed, as clients get it. */
export interface RollupWord extends PointKey {
  /** JSON on one line. */
  readonly data: string;
}

/** Words that a client may be behind before it misses some: they only say that it is worth looking again. */
const MOST_KEPT = 512;

/** The newest words about recomputed rollups, for all live clients. They stand in no log, so who was away misses them. */
export class RollupNews {
  readonly #kept: RollupWord[] = [];
  #told = 0;

  /** Where a client that wants only what comes begins. */
  get position(): number {
    return this.#told;
  }

  tell(words: readonly RollupWord[]): void {
    this.#kept.push(...words);
    this.#told += words.length;
    this.#kept.splice(0, Math.max(0, this.#kept.length - MOST_KEPT));
  }

  /** What was told since the place. */
  after(position: number): readonly RollupWord[] {
    const missed = this.#told - position;
    return missed <= 0 ? [] : this.#kept.slice(-missed);
  }
}
