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

/** A device's word of itself: a birth, a join, a death. It is no reading. */
export interface PresenceRow {
  readonly kind: "presence";
  readonly raw: Uint8Array;
  readonly contentType: string;
  readonly device: string | null;
  readonly word: PresenceWord;
  readonly observedAtUs: number | null;
}

export type PresenceWord = "online" | "offline";
export type MessageOutcome = RowOutcome | PresenceRow;

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
  /** Decoder of a frame's bytes, by name; it counts before what a network's own codec made of them. */
  readonly decoder?: string;
  /** Decoders by the name of the device's profile, and by the frame's port; both count before `decoder`. */
  readonly profiles?: Readonly<Record<string, string>>;
  readonly ports?: Readonly<Record<string, string>>;
  /** How a message writes the bytes of its frame; raw when absent. */
  readonly encoding?: FrameEncoding;
  /** Port of a frame whose message names none. */
  readonly port?: number;
  /** Numbers that a decoder must be told, such as a probe's full scale. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Values made of 16-bit words. */
  readonly registers?: readonly RegisterRow[];
}

export type FrameEncoding = "raw" | "hex" | "base64";

/** One value of a register map: which words it is in, what they mean, and value × factor + offset. */
export interface RegisterRow {
  readonly key: string;
  /** Name of the first word, or its place from 0. */
  readonly word: string;
  /** The other word of 32 bits; the next one by place when absent. */
  readonly second?: string | undefined;
  readonly type: "uint16" | "int16" | "uint32" | "int32" | "float";
  /** Bytes of the two words as they stand: big end first, little end first, words swapped, bytes swapped. */
  readonly order: "ABCD" | "DCBA" | "CDAB" | "BADC";
  readonly factor: number;
  readonly offset: number;
  readonly unit?: string | undefined;
}

/** What a format reads from one row, before it is put together with the row's bytes. */
export interface RowContent {
  readonly device: string | null;
  readonly samples: readonly Sample[];
  readonly labels: Readonly<Record<string, string>>;
  /** Said instead of values. */
  readonly presence?: { readonly word: PresenceWord; readonly observedAtUs: number | null };
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
