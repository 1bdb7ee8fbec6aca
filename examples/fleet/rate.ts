const WINDOW_S = 10;

/** Counts what happened over the last ten seconds. */
export class Rate {
  readonly #counts = new Array<number>(WINDOW_S).fill(0);
  #second = 0;

  add(count: number, nowMs: number): void {
    this.#moveTo(nowMs);
    const slot = this.#second % WINDOW_S;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  perSecond(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#counts.reduce((sum, count) => sum + count, 0) / WINDOW_S;
  }

  #moveTo(nowMs: number): void {
    const second = Math.max(this.#second, Math.floor(nowMs / 1000));
    for (let s = Math.max(this.#second + 1, second - WINDOW_S + 1); s <= second; s += 1) this.#counts[s % WINDOW_S] = 0;
    this.#second = second;
  }
}
