/** Confluent wire format: one zero byte, the schema id as four bytes big-endian, then the Avro bytes. */
export const WIRE_HEADER_BYTES = 5;
const MAGIC = 0;

export type WireHeader = { ok: true; schemaId: number } | { ok: false; why: "too-short" | "wrong-magic" };

/** Reads the header without touching the rest; never throws. */
export function readWireHeader(bytes: Uint8Array): WireHeader {
  if (bytes.length < WIRE_HEADER_BYTES) return { ok: false, why: "too-short" };
  if (bytes[0] !== MAGIC) return { ok: false, why: "wrong-magic" };
  return { ok: true, schemaId: ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0 };
}

/** Writes the header into the first five bytes of `target`. */
export function writeWireHeader(target: Uint8Array, schemaId: number): void {
  target[0] = MAGIC;
  target[1] = schemaId >>> 24;
  target[2] = schemaId >>> 16;
  target[3] = schemaId >>> 8;
  target[4] = schemaId;
}
