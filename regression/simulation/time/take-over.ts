import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import zlib from "node:zlib";
import { Random } from "./random.ts";
import { onMachine, VirtualTime, type VirtualTimer } from "./virtual-time.ts";

interface Present {
  readonly time: VirtualTime;
  /** A stream each: who keeps some bytes from one run to the next moves nobody else's dice. */
  readonly dice: Random;
  readonly ids: Random;
  readonly bytes: Random;
}

/** The run that is on; undefined between runs, when everything is as Node has it. */
let present: Present | undefined;
let taken = false;

/** The run that is on; undefined also in what runs on the machine's own time. */
function here(): Present | undefined {
  return present === undefined || onMachine.getStore() === true ? undefined : present;
}

/** What setTimeout gives in a run: enough of a Timeout for those who keep one. */
class TimerHandle {
  readonly timer: VirtualTimer;

  constructor(timer: VirtualTimer) {
    this.timer = timer;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.timer.cancelled = true;
  }
}

/**
 * Puts this thread's timers, clocks and randomness behind a door: in a run (`within`) they are the run's, else Node's own. To be called before
 * the services are imported, since some keep what they import. Calling it again changes nothing.
 */
export function takeOver(): void {
  if (taken) return;
  taken = true;
  takeTimers();
  takeClocks();
  takeRandomness();
  takeThreads();
  syncBuiltinESMExports();
}

/** Runs the work on virtual time that begins at `startUs`; all randomness comes from the seed. One at a time. */
export async function within<T>(options: { readonly seed: string; readonly startUs: number; readonly maxTurns: number }, work: (time: VirtualTime) => Promise<T>): Promise<T> {
  if (!taken || present !== undefined) throw new Error("a run needs takeOver() before it, and no other at the same time");
  const random = new Random(options.seed);
  const time = new VirtualTime({ random: random.stream("order"), startUs: options.startUs, maxTurns: options.maxTurns });
  present = { time, dice: random.stream("dice"), ids: random.stream("ids"), bytes: random.stream("bytes") };
  try {
    return await time.run(() => work(time));
  } finally {
    present = undefined;
  }
}

type AnyFunction = (...given: never[]) => unknown;

function takeTimers(): void {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };
  const start = (real: AnyFunction, repeats: boolean) => (work: (...given: unknown[]) => void, ms = 1, ...given: unknown[]): unknown => {
    const run = here();
    if (run === undefined) return (real as (...all: unknown[]) => unknown)(work, ms, ...given);
    const waitMs = Math.max(1, Number(ms) || 0);
    return new TimerHandle(run.time.add(() => work(...given), waitMs, repeats ? waitMs : undefined));
  };
  const stop = (real: AnyFunction) => (handle: unknown): void => {
    if (handle instanceof TimerHandle) handle.timer.cancelled = true;
    else (real as (handle: unknown) => unknown)(handle);
  };
  const virtual = {
    setTimeout: start(real.setTimeout as AnyFunction, false), clearTimeout: stop(real.clearTimeout as AnyFunction),
    setInterval: start(real.setInterval as AnyFunction, true), clearInterval: stop(real.clearInterval as AnyFunction),
    setImmediate: (work: (...given: unknown[]) => void, ...given: unknown[]): unknown => {
      const run = here();
      return run === undefined ? (real.setImmediate as (...all: unknown[]) => unknown)(work, ...given) : new TimerHandle(run.time.add(() => work(...given), 0));
    },
    clearImmediate: stop(real.clearImmediate as AnyFunction),
  };
  Object.assign(globalThis, virtual);
  Object.assign(timers, virtual);
  const realPause = timersPromises.setTimeout;
  const realTurn = timersPromises.setImmediate;
  interface Options { readonly signal?: AbortSignal }
  Object.assign(timersPromises, {
    setTimeout: (ms = 1, value?: unknown, options: Options = {}) => {
      const run = here();
      return run === undefined ? realPause(ms, value, options) : pause(run.time, Math.max(1, ms), value, options.signal);
    },
    setImmediate: (value?: unknown, options: Options = {}) => {
      const run = here();
      return run === undefined ? realTurn(value, options) : pause(run.time, 0, value, options.signal);
    },
  });
}

function pause(time: VirtualTime, ms: number, value: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const aborted = (): Error => Object.assign(new Error("The operation was aborted", { cause: signal?.reason }), { name: "AbortError", code: "ABORT_ERR" });
    if (signal?.aborted === true) return reject(aborted());
    const abort = (): void => {
      timer.cancelled = true;
      reject(aborted());
    };
    const timer = time.add(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function takeClocks(): void {
  const realDate = Date.now;
  const realNow = performance.now.bind(performance);
  Date.now = () => {
    const run = here();
    return run === undefined ? realDate() : Math.floor(run.time.nowUs / 1000);
  };
  Object.defineProperty(performance, "now", { configurable: true, writable: true, value: () => here()?.time.nowMs ?? realNow() });
}

function takeRandomness(): void {
  const real = { random: Math.random, randomUUID: crypto.randomUUID, randomBytes: crypto.randomBytes };
  Math.random = () => here()?.dice.next() ?? real.random();
  Object.assign(crypto, {
    randomUUID: (options?: crypto.RandomUUIDOptions) => here()?.ids.uuid() ?? real.randomUUID(options),
    randomBytes: (size: number, callback?: (error: Error | null, bytes: Buffer) => void) => {
      const run = here();
      if (callback !== undefined && run !== undefined) throw new Error("randomBytes with a callback is not for the pipeline");
      if (run !== undefined) return run.bytes.bytes(size);
      return callback === undefined ? real.randomBytes(size) : real.randomBytes(size, callback);
    },
  });
}

/** What zlib does in a thread of its own would come back in real time: in a run it is done at once and told in a turn of virtual time. */
function takeThreads(): void {
  const pairs = { zstdCompress: zlib.zstdCompressSync, zstdDecompress: zlib.zstdDecompressSync, gzip: zlib.gzipSync, gunzip: zlib.gunzipSync };
  for (const [name, sync] of Object.entries(pairs)) {
    const real = zlib[name as keyof typeof pairs] as (...given: unknown[]) => void;
    Object.assign(zlib, {
      [name]: (bytes: Buffer, ...rest: unknown[]) => {
        const run = here();
        if (run === undefined) return real(bytes, ...rest);
        const callback = rest.at(-1) as (error: Error | null, result?: Buffer) => void;
        const options = rest.length > 1 ? (rest[0] as object) : {};
        let outcome: [Error] | [null, Buffer];
        try {
          outcome = [null, sync(bytes, options)];
        } catch (error) {
          outcome = [error as Error];
        }
        run.time.add(() => callback(...(outcome as [null, Buffer])), 0);
        return undefined;
      },
    });
  }
}
