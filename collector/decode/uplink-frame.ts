import { parsed, refused, type DecodeContext, type FormatOptions, type Parsed } from "./decoded.ts";
import { findDecoder } from "./decoders/decoders.ts";
import type { FrameDecoder } from "./decoders/frame-decoder.ts";
import type { RowReader } from "./object-reader.ts";

/** What a network says of one frame. */
export interface UplinkFrame {
  /** Base64 as networks write it; undefined or empty where there was no payload. */
  readonly data: unknown;
  readonly fPort: number | null;
  /** Name of the device's profile or model. */
  readonly profile: string | undefined;
  /** Where the bytes stand, for refusals. */
  readonly field: string;
  readonly timeUs: number | null;
}

/** The decoder that the mapping asks for: by profile, by port, then for all. Undefined where it leaves the frame to the network's codec. */
export function askedDecoder({ profiles, ports, decoder }: FormatOptions, { profile, fPort }: Pick<UplinkFrame, "profile" | "fPort">): string | undefined {
  if (profile !== undefined && profiles !== undefined && Object.hasOwn(profiles, profile)) return profiles[profile];
  if (fPort !== null && ports !== undefined && Object.hasOwn(ports, String(fPort))) return ports[String(fPort)];
  return decoder;
}

/** Decodes the bytes of an uplink with a named decoder, or with the one that the device's profile is called after. */
export function takeFrame(reader: RowReader, frame: UplinkFrame, context: DecodeContext): Parsed<null> {
  const asked = askedDecoder(context.options, frame) ?? frame.profile;
  const decoder = asked === undefined ? undefined : findDecoder(asked);
  if (decoder === undefined) return refused("no-samples", "the network decoded nothing, and neither the mapping nor the device's profile names a decoder of ours", frame.field);
  const bytes = base64Bytes(frame.data);
  return bytes === undefined ? refused("malformed-binary", "the payload is not base64", frame.field) : takeBytes(reader, { bytes, decoder, frame, context });
}

/** Puts what a decoder reads from bytes into the row. */
export function takeBytes(reader: RowReader, of: { readonly bytes: Uint8Array; readonly decoder: FrameDecoder; readonly frame: Pick<UplinkFrame, "fPort" | "timeUs" | "field">; readonly context: DecodeContext }): Parsed<null> {
  const { bytes, decoder, frame, context } = of;
  if (bytes.length === 0) return refused("empty", "the frame has no bytes", frame.field);
  const content = decoder.decode({ bytes, fPort: frame.fPort, settings: context.options.settings ?? {}, registers: context.options.registers ?? [], context });
  if (!content.ok) return content;
  reader.labels.set("decoder", decoder.name);
  for (const [name, text] of Object.entries(content.value.labels)) reader.labels.set(name, text);
  for (const { key, value, unit, timeUs } of content.value.samples) {
    const taken = reader.take(key, value, { field: `${frame.field}.${key}`, timeUs: timeUs ?? frame.timeUs, unit });
    if (!taken.ok) return taken;
  }
  return parsed(null);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Bytes of a base64 text; undefined for all else. */
export function base64Bytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const trimmed = text.trim();
  return BASE64.test(trimmed) ? Buffer.from(trimmed, "base64") : undefined;
}
