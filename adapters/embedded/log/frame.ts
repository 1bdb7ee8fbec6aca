import { crc32 } from "node:zlib";

/*
 * A record as the log's file has it, in one piece: bytes of the key and of the headers as two 32-bit numbers, little end first, then key,
 * headers (JSON; none at all without any) and value. One piece is bound, summed and handed over once; three cost thrice.
 */

/** Bytes before the key. */
export const FRAME_HEAD_BYTES = 8;

/** Where the parts of a frame lie that begins at `start`. */
export interface FrameParts {
  readonly keyAt: number;
  readonly headersAt: number;
  readonly valueAt: number;
}

export function writeFrameHead(target: Buffer, start: number, keyBytes: number, headersBytes: number): void {
  target.writeUInt32LE(keyBytes, start);
  target.writeUInt32LE(headersBytes, start + 4);
}

export function partsOfFrame(bytes: Buffer, start: number): FrameParts {
  const keyAt = start + FRAME_HEAD_BYTES;
  const headersAt = keyAt + bytes.readUInt32LE(start);
  return { keyAt, headersAt, valueAt: headersAt + bytes.readUInt32LE(start + 4) };
}

/** One record by itself. */
export function frameOf(key: Uint8Array, headers: Uint8Array | null, value: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  writeFrameHead(head, 0, key.length, headers?.length ?? 0);
  return Buffer.concat([head, key, headers ?? Buffer.alloc(0), value]);
}

/**
 * Checksum of a row's frame; NaN, which equals no checksum, for what is no frame: SQLite checks the types of a column when it writes,
 * not when it reads.
 */
export function frameChecksum(frame: unknown): number {
  return frame instanceof Uint8Array && frame.length >= FRAME_HEAD_BYTES ? crc32(frame) : NaN;
}
