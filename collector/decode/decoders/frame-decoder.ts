import { refused, type DecodeContext, type Parsed, type RegisterRow } from "../decoded.ts";
import { readSourceTime } from "../source-time.ts";

/** Bytes that one radio message carried, and what came with them. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly fPort: number | null;
  /** Numbers of the mapping for this decoder, such as a probe's full scale. */
  readonly settings: Readonly<Record<string, number>>;
  readonly registers: readonly RegisterRow[];
  readonly context: DecodeContext;
}

export interface FrameSample {
  readonly key: string;
  readonly value: number | boolean | null;
  readonly unit: string | null;
  /** Null: measured when the frame was sent. */
  readonly timeUs: number | null;
}

export interface FrameContent {
  readonly samples: readonly FrameSample[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads the frames of one kind of device. It never throws, and a frame that does not fit whole gives nothing. */
export interface FrameDecoder {
  readonly name: string;
  /** What networks call the same device, lower case. */
  readonly aliases: readonly string[];
  readonly what: string;
  decode(frame: Frame): Parsed<FrameContent>;
}

/** Refusal of bytes that do not fit. */
export function misfit(detail: string): ReturnType<typeof refused> {
  return refused("malformed-binary", detail, "frame");
}

/** A value of the frame's own instant. */
export function now(key: string, value: number | boolean | null, unit: string | null = null): FrameSample {
  return { key, value, unit, timeUs: null };
}

/** The instant of a device's own clock in seconds since 1970 UTC. */
export function clockTime(seconds: number, field: string, { context }: Frame): Parsed<number> {
  // Small numbers would be taken for day counts; a device's clock that was never set starts near zero.
  if (seconds < 1e9) return refused("implausible-time", `the device's clock says ${seconds} s after 1970: it was never set`, field);
  const time = readSourceTime(seconds, field, "", context);
  return time.ok ? { ok: true, value: time.value ?? 0 } : time;
}
