/** After this long without a success, the client is replaced. */
const RENEW_MS = 2000;
/** After this long without a success, requests that have waited for their turn are not tried any more. */
const LONG_MS = 5000;

/**
 * Whether the cluster seems to be away: requests fail in passing and none has succeeded since. What waits in line then is refused at once, so that
 * thousands of requests do not find it out one after the other; who need not wait tries, and notices that it is back.
 */
export class Outage {
  #sinceMs: number | undefined;

  get isLong(): boolean {
    return this.#lastsMs > LONG_MS;
  }

  /** Whether a new client should be tried: the driver's own may never find a cluster again of which it lost every host. */
  get asksForRenewal(): boolean {
    return this.#lastsMs > RENEW_MS;
  }

  failed(): void {
    this.#sinceMs ??= performance.now();
  }

  over(): void {
    this.#sinceMs = undefined;
  }

  get #lastsMs(): number {
    return this.#sinceMs === undefined ? -Infinity : performance.now() - this.#sinceMs;
  }
}
