import type { ParkReason } from "@caudal/core";
import type { Sample } from "@caudal/schemas";
import type { LocalClock } from "./local-clock.ts";

/** Why a row or a whole message cannot be used, and where in it. */
export interface Refusal {
  readonly why: ParkReason;
  /** In words; holds no secret. */
  readonly detail: string;
  /** Dotted path of the field, where one is to blame. */
  readonly field?: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** What one row of a message says. `raw` are its own bytes, cut from the message. */
export interface DecodedRow {
  readonly kind: "reading";
  readonly raw: Uint8Array;
  readonly contentType: string;
  /** As the row names it; null when it names none. */
  readonly device: string | null;
  readonly samples: readonly Sample[];
  readonly labels: Readonly<Record<string, string>>;
  /** Newest time of the samples; null when none has one. */
  readonly observedAtUs: number | null;
}

export interface RefusedRow {
  readonly kind: "park";
  readonly raw: Uint8Array;
  readonly contentType: string;
  readonly refusal: Refusal;
  readonly device: string | null;
  /** Columns in force where the row stood, so that it can be read again without its header. */
  readonly columns?: readonly string[];
}

export type RowOutcome = DecodedRow | RefusedRow;

/** What decoding may know besides the bytes. */
export interface DecodeContext {
  readonly receivedAtUs: number;
  /** Reads times that were written without an offset. */
  readonly clock: LocalClock;
  readonly options: FormatOptions;
}

/** What a person may say about a source in `config/mqtt.yaml`. */
export interface FormatOptions {
  /** Name of the value of a plain number. */
  readonly key?: string;
  /** Columns of a CSV line, in order. */
  readonly columns?: readonly string[];
  /** Unit of a key's values, where the source writes none. */
  readonly units?: Readonly<Record<string, string>>;
  /** Other names for the source's keys. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** What a format reads from one row, before it is put together with the row's bytes. */
export interface RowContent {
  readonly device: string | null;
  readonly samples: readonly Sample[];
  readonly labels: Readonly<Record<string, string>>;
}

export function parsed<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refused(why: ParkReason, detail: string, field?: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: field === undefined ? { why, detail } : { why, detail, field } };
}

export function newestTimeUs(samples: readonly Sample[]): number | null {
  let newest: number | null = null;
  for (const { timeUs } of samples) if (timeUs !== null && (newest === null || timeUs > newest)) newest = timeUs;
  return newest;
}
