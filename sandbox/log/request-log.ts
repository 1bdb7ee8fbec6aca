import type { ProviderId } from "../fleet/device.ts";
import type { LimitUse } from "../limits/limiter.ts";
import type { GivenRow } from "../providers/view.ts";
import type { QuirkName } from "../quirks/quirks.ts";

/** One request and what it was given. Holds no secret: the path is its template, the credential is masked. */
export interface LogEntry {
  readonly number: number;
  /** By the sandbox's clock. */
  readonly atMs: number;
  readonly provider: ProviderId;
  readonly account: string | undefined;
  readonly credential: string;
  readonly device: string | undefined;
  readonly method: string;
  readonly route: string;
  /** Undefined when nothing was answered. */
  readonly status: number | undefined;
  readonly quirks: readonly QuirkName[];
  /** The limit that is nearest to its end, with this request counted; undefined where there is none. */
  readonly limit: Pick<LimitUse, "limit" | "used" | "exceeded"> | undefined;
  /** Rows of an answer that could be read whole. An answer that was cut, hung or replaced gave none. */
  readonly rows: readonly GivenRow[];
}

export type NewEntry = Omit<LogEntry, "number">;

/**
 * The newest requests, in memory. A listener hears every one of them, in order, before its answer is sent. Rows are most of it, so their
 * number is bounded as well: entries go, oldest first, when there are too many of either.
 */
export class RequestLog {
  readonly #entries: LogEntry[] = [];
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  readonly #kept: { readonly entries: number; readonly rows: number };
  #rows = 0;
  #count = 0;
  #exceeded = 0;

  constructor(kept: { readonly entries: number; readonly rows: number }) {
    this.#kept = kept;
  }

  /** The entry with its number. */
  add(entry: NewEntry): LogEntry {
    const numbered = { number: ++this.#count, ...entry };
    if (entry.limit?.exceeded === true) this.#exceeded += 1;
    this.#entries.push(numbered);
    this.#rows += entry.rows.length;
    let gone = 0;
    while (this.#entries.length - gone > 1 && (this.#entries.length - gone > this.#kept.entries || this.#rows > this.#kept.rows)) this.#rows -= this.#entries[gone++]?.rows.length ?? 0;
    // In runs, since taking one off the front of a long list moves the rest.
    if (gone > 0) this.#entries.splice(0, gone);
    for (const listener of this.#listeners) listener(numbered);
    return numbered;
  }

  /** Kept entries after a number, oldest first. */
  entries(after = 0): readonly LogEntry[] {
    return this.#entries.filter(({ number }) => number > after);
  }

  /** Requests since the start, and those that a limit refused. */
  counts(): { readonly requests: number; readonly exceeded: number; readonly kept: number } {
    return { requests: this.#count, exceeded: this.#exceeded, kept: this.#entries.length };
  }

  /** The returned function ends it. */
  listen(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
