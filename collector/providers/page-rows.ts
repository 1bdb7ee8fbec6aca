import { MAX_KEY_CHARACTERS, MAX_LABEL_CHARACTERS } from "../decode/limits.ts";
import { readScalar } from "../decode/scalar.ts";
import type { Normalised, RefusedRow, TimedSample } from "./provider.ts";
import type { RowTime } from "./row-time.ts";

/** One row of an answer, as far as all providers agree. */
export interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly time: RowTime;
  readonly unit?: string | null;
  /** The row as it is parked when it cannot be used: with its key and all that it says. */
  readonly raw: unknown;
}

/**
 * Gathers the rows of one page. Values stay as they were written: numbers are not rounded, negative ones not judged, and a text that
 * measures nothing stays a text, for mapping to decide on. What cannot be used is refused whole. A row that the answer gives twice counts once.
 */
export class PageRows {
  readonly #samples: TimedSample[] = [];
  readonly #refused: RefusedRow[] = [];
  readonly #taken = new Set<string>();

  take({ key, value, time, unit = null, raw }: Row): void {
    if (!time.ok) return this.refuse(raw, time.why, time.detail);
    if (value === undefined) return this.refuse(raw, "wrong-type", "the row has no value");
    if (key.length > MAX_KEY_CHARACTERS) return this.refuse(raw, "wrong-type", `a key has at most ${MAX_KEY_CHARACTERS} characters`);
    if (typeof value === "string" && value.length > MAX_LABEL_CHARACTERS) return this.refuse(raw, "wrong-type", `a text has at most ${MAX_LABEL_CHARACTERS} characters`);
    const scalar = readScalar(value, key);
    if (!scalar.ok) return this.refuse(raw, scalar.refusal.why === "not-finite" ? "not-finite" : "wrong-type", scalar.refusal.detail);
    const sample: TimedSample = { key, value: scalar.value ?? (typeof value === "string" ? value : null), unit, timeUs: time.timeUs };
    const identity = JSON.stringify([key, sample.timeUs, sample.value, unit]);
    if (this.#taken.has(identity)) return;
    this.#taken.add(identity);
    this.#samples.push(sample);
  }

  refuse(raw: unknown, why: RefusedRow["why"], detail: string): void {
    this.#refused.push({ raw: Buffer.from(JSON.stringify(raw) ?? "", "utf8"), why, detail });
  }

  /** `next` undefined: this was the last page. */
  done(next: unknown, emptyDetail: string): Normalised {
    const more = next === undefined ? {} : { next };
    if (this.#samples.length === 0 && this.#refused.length === 0) return { kind: "no_data", detail: emptyDetail, ...more };
    return { kind: "ok", samples: this.#samples, ...(this.#refused.length === 0 ? {} : { refused: this.#refused }), ...more };
  }
}
