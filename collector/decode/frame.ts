import { bufferOf, textOf } from "./bytes.ts";
import { parsed, refused, type DecodeContext, type FrameEncoding, type Parsed, type RowContent } from "./decoded.ts";
import { findDecoder } from "./decoders/decoders.ts";
import { RowReader } from "./object-reader.ts";
import { askedDecoder, base64Bytes, takeBytes } from "./uplink-frame.ts";

/** A message that is the bytes of one frame and nothing else; the mapping names the decoder. */
export function readFrame(bytes: Uint8Array, context: DecodeContext): Parsed<RowContent> {
  const { encoding = "raw", port } = context.options;
  if (bytes.length === 0) return refused("empty", "there is nothing in it");
  const asked = askedDecoder(context.options, { profile: undefined, fPort: port ?? null });
  const decoder = asked === undefined ? undefined : findDecoder(asked);
  if (decoder === undefined) return refused("unsupported-format", "the mapping names no decoder");
  const frame = frameBytes(bytes, encoding);
  if (!frame.ok) return frame;
  const reader = new RowReader(context);
  const taken = takeBytes(reader, { bytes: frame.value, decoder, frame: { fPort: port ?? null, timeUs: null, field: "frame" }, context });
  return taken.ok ? reader.done(null) : taken;
}

const HEX = /^(?:[0-9a-f]{2})+$/i;

function frameBytes(bytes: Uint8Array, encoding: FrameEncoding): Parsed<Uint8Array> {
  if (encoding === "raw") return parsed(bytes);
  const text = textOf(bytes);
  if (!text.ok) return text;
  const written = text.value.replaceAll(/\s+/g, "");
  if (encoding === "hex") return HEX.test(written) ? parsed(Buffer.from(written, "hex")) : refused("malformed-binary", "the message is not hex");
  const decoded = base64Bytes(written);
  return decoded === undefined ? refused("malformed-binary", "the message is not base64") : parsed(bufferOf(decoded));
}
