/** Bursts come once a minute and last ten seconds, beginning at its middle; a run that is shorter than a minute has one in the same place. */
const CYCLE_S = 60;
const BURST_PART = 1 / 6;

/** Whether an instant of the run lies in a burst. */
export function inBurst(atS: number, seconds: number): boolean {
  const cycleS = Math.min(CYCLE_S, seconds);
  const place = (atS % cycleS) / cycleS;
  return place >= 0.5 && place < 0.5 + BURST_PART;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ArrivalOptions {
  /** Outside bursts. */
  readonly perS: number;
  readonly burstTimes: number;
  readonly seconds: number;
  readonly random: () => number;
}

/** Instants, in seconds from the beginning, at which independent devices send: exponential gaps at the rate that holds then. */
export function* arrivals({ perS, burstTimes, seconds, random }: ArrivalOptions): Generator<number> {
  let atS = 0;
  for (;;) {
    const rate = inBurst(atS, seconds) ? perS * burstTimes : perS;
    atS += -Math.log(1 - random()) / rate;
    if (atS >= seconds) return;
    yield atS;
  }
}
