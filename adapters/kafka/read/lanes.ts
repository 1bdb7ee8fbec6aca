import type { Link } from "../wire/link.ts";
import { Lane, type Ask } from "./lane.ts";

/** Connections a broker on which reads may wait; more readers than that share them. */
const WAITING_LANES = 3;
/** A reader that comes while all lanes wait is heard after this long at most. */
const MAX_WAIT_MS = 200;

/** Deals out asks to lanes: those that do not wait to one, those that wait for what comes to others. */
export class Lanes {
  readonly #openLane: () => Lane;
  readonly #waitingLanes: Lane[] = [];
  #atOnce: Lane | undefined;
  #quick: Ask[] = [];
  #waiting: Ask[] = [];
  #scheduled = false;
  #closed = false;

  constructor(openLink: () => Link, answerWithinMs: number) {
    this.#openLane = () => new Lane(openLink(), answerWithinMs);
  }

  /** Has the ask answered once: at once, or when its partition has something or a moment is over. */
  add(ask: Ask): void {
    (ask.untilMs > performance.now() ? this.#waiting : this.#quick).push(ask);
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    for (const lane of [...this.#waitingLanes, this.#atOnce]) lane?.close();
  }

  // All who ask in this turn of the event loop share a fetch.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#deal();
    });
  }

  #deal(): void {
    const free = this.#waiting.length === 0 ? undefined : this.#freeLane();
    if (free !== undefined) this.#waiting = this.#send(free, this.#waiting, true);
    this.#atOnce ??= this.#quick.length > 0 ? this.#openLane() : undefined;
    if (this.#atOnce !== undefined && !this.#atOnce.busy && this.#quick.length > 0) this.#quick = this.#send(this.#atOnce, this.#quick, false);
    if (free !== undefined && this.#waiting.length > 0) this.#schedule();
  }

  #freeLane(): Lane | undefined {
    const free = this.#waitingLanes.find((lane) => !lane.busy);
    if (free !== undefined || this.#waitingLanes.length >= WAITING_LANES) return free;
    const lane = this.#openLane();
    this.#waitingLanes.push(lane);
    return lane;
  }

  /** One ask a partition goes; gives back those that are left for another round. */
  #send(lane: Lane, asks: readonly Ask[], wait: boolean): Ask[] {
    const seen = new Set<string>();
    const [now, later]: [Ask[], Ask[]] = [[], []];
    for (const ask of asks) {
      const place = `${ask.topic}/${ask.partition}`;
      (seen.has(place) ? later : now).push(ask);
      seen.add(place);
    }
    const leftMs = Math.min(...now.map(({ untilMs }) => untilMs)) - performance.now();
    const maxWaitMs = wait ? Math.ceil(Math.max(1, Math.min(MAX_WAIT_MS, leftMs))) : 0;
    void lane.round(now, maxWaitMs).then(() => this.#schedule());
    return later;
  }
}
