/** Microseconds of an hour, which is what one key holds of a point. */
export const HOUR_US = 3_600_000_000;

export function hourOf(instantUs: number): number {
  return Math.floor(instantUs / HOUR_US);
}

/**
 * Names of a tier's keys. All of a point share what stands in braces, so that a server that spreads keys by it keeps them together:
 * `caudal:hot:{acme/p1}` is the point's state, `caudal:hot:{acme/p1}:492811` one UTC hour of its facts (hours since 1970).
 */
export class TierKeys {
  readonly #root: string;

  constructor(prefix: string, tier: string) {
    this.#root = `${prefix}:${tier}`;
  }

  /** What says whether the tier holds all that was acknowledged. */
  get completeness(): string {
    return `${this.#root}:completeness`;
  }

  /** Set of the points that a client has here. */
  pointsOf(client: string): string {
    return `${this.#root}:points:${client}`;
  }

  state(client: string, point: string): string {
    return `${this.#root}:{${encodeURIComponent(client)}/${encodeURIComponent(point)}}`;
  }

  hour(state: string, hour: number): string {
    return `${state}:${hour}`;
  }
}

/** False for text that cannot be in a key, of which therefore nothing is stored. */
export function isNameable({ client, point }: { readonly client: string; readonly point: string }): boolean {
  return client.isWellFormed() && point.isWellFormed();
}
