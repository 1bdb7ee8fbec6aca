const WINDOW_MS = 5000;
const APART_MS = 1000;

/** Growth of a counter a second over about the last five seconds, however often and by whoever it is asked. */
export class Rate {
  /** Oldest first, at least a second apart; the second is younger than the window. */
  readonly #marks: { readonly atMs: number; readonly count: number }[];

  constructor(atMs: number, count: number) {
    this.#marks = [{ atMs, count }];
  }

  perSecond(atMs: number, count: number): number {
    while (this.#marks[1] !== undefined && atMs - this.#marks[1].atMs >= WINDOW_MS) this.#marks.shift();
    const [oldest] = this.#marks;
    const newest = this.#marks.at(-1);
    if (newest === undefined || atMs - newest.atMs >= APART_MS) this.#marks.push({ atMs, count });
    const seconds = oldest === undefined ? 0 : (atMs - oldest.atMs) / 1000;
    // A process of a fleet that ended takes its count with it.
    return oldest === undefined || seconds <= 0 ? 0 : Math.max(0, Math.round((10 * (count - oldest.count)) / seconds) / 10);
  }
}
