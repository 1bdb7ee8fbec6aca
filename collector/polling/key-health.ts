import type { Clock, Logger } from "@caudal/runtime";
import type { OutcomeKind, PollOutcome } from "./outcome.ts";

/** How one set of keys of a device does. */
export interface KeyState {
  readonly keys: readonly string[];
  readonly kind: OutcomeKind;
  readonly detail: string;
  readonly atUs: number;
  /** Since when it is taken for wrongly configured, and asked only once an hour. */
  readonly misconfiguredSinceUs: number | undefined;
}

interface Held extends KeyState {
  readonly errors: number;
  readonly probeAtUs: number;
}

/** One 400 may pass: some providers answer so now and then. As many in a row do not. */
const ERRORS_IN_A_ROW = 3;
const PROBE_EVERY_US = 3_600_000_000;

/** What repeated configuration errors mean for a device, set of keys by set of keys: one wrong key costs the others nothing. */
export class KeyHealth {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #fields: Readonly<Record<string, string>>;
  readonly #states = new Map<string, Held>();

  constructor({ clock, logger, fields }: { readonly clock: Clock; readonly logger: Logger; readonly fields: Readonly<Record<string, string>> }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#fields = fields;
  }

  /** False while it is only probed, and not yet due for that. */
  mayAsk(keys: readonly string[]): boolean {
    return (this.#states.get(keys.join())?.probeAtUs ?? 0) <= this.#clock.nowUs();
  }

  note({ keys, kind, detail }: PollOutcome): void {
    const nowUs = this.#clock.nowUs();
    const before = this.#states.get(keys.join());
    // What says nothing of the configuration leaves the count as it is.
    const unsure = kind === "request_failed" || kind === "rate_limited" || kind === "auth_failed";
    const errors = kind === "config_error" ? (before?.errors ?? 0) + 1 : unsure ? (before?.errors ?? 0) : 0;
    const wrong = errors >= ERRORS_IN_A_ROW;
    const misconfiguredSinceUs = wrong ? (before?.misconfiguredSinceUs ?? nowUs) : undefined;
    if (wrong && before?.misconfiguredSinceUs === undefined) this.#logger.warn("poll.misconfigured", { ...this.#fields, keys: keys.join(" "), detail });
    if (!wrong && before?.misconfiguredSinceUs !== undefined) this.#logger.info("poll.configured-again", { ...this.#fields, keys: keys.join(" ") });
    this.#states.set(keys.join(), { keys, kind, detail, atUs: nowUs, errors, misconfiguredSinceUs, probeAtUs: wrong ? nowUs + PROBE_EVERY_US : 0 });
  }

  states(): readonly KeyState[] {
    return [...this.#states.values()];
  }
}
