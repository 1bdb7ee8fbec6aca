/** Cumulative counts of a stream up to an offset, not counting what stands there. */
export type Checkpoint = readonly [offset: number, facts: number, unread: number];

/** Offsets between checkpoints of each level. Two readers of one stream, however far apart, meet at a multiple of one of them. */
const STEPS = [16, 128, 1024, 8192, 65_536, 524_288] as const;
const KEPT_A_LEVEL = 3;
const FINEST = STEPS[0];

/**
 * Counts a stream in offset order and keeps what the count was at a few multiples: at the newest ones finely, further back coarsely.
 * Everybody who reads the same stream keeps the same multiples, so that their counts can be compared without any of them waiting.
 */
export class Checkpoints {
  readonly #levels: Checkpoint[][];
  /** Where the count began, or stood still: a quiet stream makes everybody stand at its end. */
  readonly #rests: Checkpoint[] = [];
  #facts: number;
  #unread: number;
  #offset: number;

  /** Begins at `offset`, or goes on from what was stored. */
  constructor(offset: number, body: readonly Checkpoint[] = []) {
    const last = body.at(-1);
    [this.#offset, this.#facts, this.#unread] = last !== undefined && last[0] === offset ? last : [offset, 0, 0];
    this.#levels = STEPS.map(() => []);
    if (last?.[0] === offset) for (const checkpoint of body) this.#keep(checkpoint);
    else this.#keep([offset, 0, 0]);
  }

  /** The count stands still here. */
  rest(): void {
    if (this.#rests.at(-1)?.[0] !== this.#offset) this.#push(this.#rests, [this.#offset, this.#facts, this.#unread]);
  }

  get offset(): number {
    return this.#offset;
  }

  /** The record at `offset` holds so many facts, or could not be read. Offsets grow. */
  add(offset: number, facts: number, unread = 0): void {
    this.addPart(offset, facts, unread);
    this.advance(offset + 1);
  }

  /** As `add`, of a record that more may be counted of. */
  addPart(offset: number, facts: number, unread = 0): void {
    this.advance(offset);
    this.#facts += facts;
    this.#unread += unread;
  }

  /** All below `offset` is counted. */
  advance(offset: number): void {
    if (offset <= this.#offset) return;
    // Of many multiples passed at once the newest few of each level are enough.
    const first = Math.floor(this.#offset / FINEST) + 1;
    const last = Math.floor(offset / FINEST);
    if (last >= first) {
      for (const [level, step] of STEPS.entries()) {
        const newest = Math.floor(offset / step) * step;
        for (let at = Math.max(newest - (KEPT_A_LEVEL - 1) * step, (Math.floor(this.#offset / step) + 1) * step); at <= newest; at += step) this.#push(this.#levels[level]!, [at, this.#facts, this.#unread]);
      }
    }
    this.#offset = offset;
  }

  /** Forgets the past: what comes cannot be compared with what was. */
  restart(offset: number): void {
    for (const kept of [...this.#levels, this.#rests]) kept.length = 0;
    this.#facts = 0;
    this.#unread = 0;
    this.#offset = offset;
    this.#keep([offset, 0, 0]);
  }

  /** What is kept, in offset order, the end of the count last: behind the record that parts were counted of. */
  body(afterParts = false): Checkpoint[] {
    const all = new Map<number, Checkpoint>();
    for (const kept of [...this.#levels, this.#rests]) for (const checkpoint of kept) all.set(checkpoint[0], checkpoint);
    const end = afterParts ? this.#offset + 1 : this.#offset;
    all.set(end, [end, this.#facts, this.#unread]);
    return [...all.values()].sort(([a], [b]) => a - b);
  }

  #keep(checkpoint: Checkpoint): void {
    for (const [level, step] of STEPS.entries()) if (checkpoint[0] % step === 0) this.#push(this.#levels[level]!, checkpoint);
    if (checkpoint[0] % FINEST !== 0) this.#push(this.#rests, checkpoint);
  }

  #push(kept: Checkpoint[], checkpoint: Checkpoint): void {
    if (kept.at(-1)?.[0] === checkpoint[0]) return;
    kept.push(checkpoint);
    if (kept.length > KEPT_A_LEVEL) kept.shift();
  }
}

/** Stretches between neighbouring offsets that both kept, each with both counts. Those where one could not read something are left out. */
export function commonSpans(a: readonly Checkpoint[], b: readonly Checkpoint[]): { readonly from: number; readonly to: number; readonly a: number; readonly b: number }[] {
  const byOffset = new Map(b.map((checkpoint) => [checkpoint[0], checkpoint]));
  const both = a.flatMap((left): [Checkpoint, Checkpoint][] => {
    const right = byOffset.get(left[0]);
    return right === undefined ? [] : [[left, right]];
  });
  return both.slice(1).flatMap(([left, right], index) => {
    const [leftBefore, rightBefore] = both[index]!;
    if (left[2] - leftBefore[2] !== right[2] - rightBefore[2]) return [];
    return [{ from: leftBefore[0], to: left[0], a: left[1] - leftBefore[1], b: right[1] - rightBefore[1] }];
  });
}
