/** Where the log's time comes from; microseconds since 1970 UTC. */
export interface LogClock {
  nowUs(): number;
}

export const systemClock: LogClock = { nowUs: () => Date.now() * 1000 };

/** A clock that never goes back, not even behind what the log holds already: retention relies on it. */
export function steadyClock(clock: LogClock, newestUs: number): LogClock {
  let lastUs = newestUs;
  return {
    nowUs: () => {
      lastUs = Math.max(lastUs, Math.round(clock.nowUs()));
      return lastUs;
    },
  };
}
