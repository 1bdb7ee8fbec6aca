const REMEMBERED_MS = 30_000;
const MOST = 1000;

/** Ids that the registry denied a moment ago: a flood of damaged records must not become one of questions. Not for ever, for an id may be given later. */
export class RecentDenials {
  readonly #untilMs = new Map<number, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  has(id: number): boolean {
    const untilMs = this.#untilMs.get(id);
    if (untilMs === undefined) return false;
    if (this.#nowMs() < untilMs) return true;
    this.#untilMs.delete(id);
    return false;
  }

  add(id: number): void {
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size >= MOST && oldest !== undefined) this.#untilMs.delete(oldest);
    this.#untilMs.set(id, this.#nowMs() + REMEMBERED_MS);
  }
}
