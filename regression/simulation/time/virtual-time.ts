import { AsyncLocalStorage } from "node:async_hooks";
import type { Random } from "./random.ts";

/** Whose work a timer is: one that ended runs no more, one that is held runs when it goes on. */
export interface TimerOwner {
  readonly alive: boolean;
  /** Virtual milliseconds before which nothing of it runs; 0 when it is not held. */
  readonly heldUntilMs: number;
}

/** Who runs now; what it starts belongs to it. Undefined for the world itself. */
export const running = new AsyncLocalStorage<TimerOwner | undefined>();

/** True in what runs on the machine's own time: a real store's calls, and all that they start. */
export const onMachine = new AsyncLocalStorage<boolean>();

export interface VirtualTimer {
  readonly work: () => void;
  readonly owner: TimerOwner | undefined;
  /** Of an interval. */
  readonly everyMs: number | undefined;
  dueMs: number;
  /** Decides between timers that are due at once. */
  order: number;
  cancelled: boolean;
}

export class Stalled extends Error {
  override readonly name = "Stalled";
}

/** Real turns of the event loop, taken before anybody replaces them. */
const realTurn = setImmediate;
/** Between looks for real I/O. */
const LOOK_EVERY_TURNS = 256;
/** Virtual milliseconds that pass at most while a call of the machine is under way: enough for several to be under way at once. */
const SLACK_MS = 20;
const ALLOWED_RESOURCES = new Set(["Immediate", "PipeWrap", "TTYWrap", "TTY", "Pipe", "MessagePort", "Timeout", "FSReqPromise:stdio"]);

export interface VirtualTimeOptions {
  readonly random: Random;
  /** Microseconds since 1970 UTC at which it begins. */
  readonly startUs: number;
  /** Turns after which a run counts as one that never ends. */
  readonly maxTurns: number;
}

/**
 * The scheduler of a run. Work runs to the end of its microtasks; then the next timer of virtual time fires, and of those that are due at
 * the same instant the one that the seed says. No real time passes and nothing else wakes anybody.
 */
export class VirtualTime {
  readonly startUs: number;
  turns = 0;
  #nowMs = 0;
  readonly #random: Random;
  readonly #maxTurns: number;
  readonly #heap: VirtualTimer[] = [];
  /** Calls of the machine that are under way, the oldest first, and when they began. */
  readonly #machine = new Map<number, number>();
  #machineCalls = 0;
  #wake: () => void = () => undefined;

  constructor({ random, startUs, maxTurns }: VirtualTimeOptions) {
    this.#random = random;
    this.startUs = startUs;
    this.#maxTurns = maxTurns;
  }

  /** Milliseconds since the beginning of the run. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get nowUs(): number {
    return this.startUs + Math.round(this.#nowMs * 1000);
  }

  add(work: () => void, ms: number, everyMs?: number): VirtualTimer {
    const timer: VirtualTimer = {
      work, owner: running.getStore(), everyMs, dueMs: this.#nowMs + (ms > 0 ? ms : 0), order: this.#random.next(), cancelled: false,
    };
    this.#push(timer);
    return timer;
  }

  /**
   * Runs work of the machine, as a real store's, on the machine's own timers and clocks. Virtual time stands still for it but for a few milliseconds, so that it takes no longer than a call does; in which order the
   * answers of several come is not the seed's to say.
   */
  async machine<T>(work: () => Promise<T>): Promise<T> {
    const call = ++this.#machineCalls;
    this.#machine.set(call, this.#nowMs);
    try {
      return await onMachine.run(true, work);
    } finally {
      this.#machine.delete(call);
      this.#wake();
    }
  }

  /** Runs the work of a run; resolves as it does, or rejects with `Stalled` when nothing is left that could end it. */
  run<T>(main: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let settled = false;
      const end = (settle: () => void): void => {
        settled = true;
        settle();
      };
      main().then((value) => end(() => resolve(value)), (error: unknown) => end(() => reject(error as Error)));
      const turn = (): void => {
        this.#wake = () => undefined;
        if (settled) return;
        try {
          if (!this.#fire()) {
            this.#wake = () => {
              this.#wake = () => undefined;
              realTurn(turn);
            };
            return;
          }
        } catch (error) {
          end(() => reject(error as Error));
          return;
        }
        realTurn(turn);
      };
      realTurn(turn);
    });
  }

  /** False when the machine is waited for. */
  #fire(): boolean {
    for (;;) {
      const timer = this.#pop();
      if (timer === undefined && this.#machine.size > 0) return false;
      if (timer === undefined) throw new Stalled(`nothing is left to do after ${this.#nowMs.toFixed(0)} ms and ${this.turns} turns, and the run has not ended`);
      if (timer.cancelled || timer.owner?.alive === false) continue;
      const heldMs = timer.owner?.heldUntilMs ?? 0;
      if (heldMs > Math.max(timer.dueMs, this.#nowMs)) {
        timer.dueMs = heldMs;
        this.#push(timer);
        continue;
      }
      if (timer.dueMs > this.#farthestMs()) {
        this.#push(timer);
        return false;
      }
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      this.turns += 1;
      if (this.turns > this.#maxTurns) throw new Stalled(`the run did not end within ${this.#maxTurns} turns (${this.#nowMs.toFixed(0)} ms)`);
      if (this.turns % LOOK_EVERY_TURNS === 0 && this.#machineCalls === 0) mustBeAlone();
      if (timer.everyMs !== undefined) {
        timer.dueMs = this.#nowMs + Math.max(1, timer.everyMs);
        timer.order = this.#random.next();
        this.#push(timer);
      }
      running.run(timer.owner, timer.work);
      return true;
    }
  }

  #farthestMs(): number {
    for (const beganMs of this.#machine.values()) return beganMs + SLACK_MS;
    return Infinity;
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(timer, heap[above] as VirtualTimer)) break;
      heap[at] = heap[above] as VirtualTimer;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): VirtualTimer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1] as VirtualTimer, heap[below] as VirtualTimer)) below += 1;
      if (!before(heap[below] as VirtualTimer, last)) break;
      heap[at] = heap[below] as VirtualTimer;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** Fails where something of this process waits for the machine: a file, a socket, a thread of zlib. */
export function mustBeAlone(): void {
  for (const resource of process.getActiveResourcesInfo()) {
    if (!ALLOWED_RESOURCES.has(resource)) throw new Error(`a simulated run must not wait for the machine, and it waits for ${resource}`);
  }
}
