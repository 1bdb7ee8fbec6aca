import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CaudalError } from "@caudal/core";
import type { Compression } from "../address/parse-url.ts";

/** Smaller than this, a batch is sent as it is: what a few records save costs more processor than it is worth, and they come often. */
const WORTH_BYTES = 4096;
/** A batch may unpack to this much; beyond, it is no batch of ours. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

const names = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

export interface Packed {
  /** Kafka's number of the codec. */
  readonly codec: number;
  readonly bytes: Buffer;
}

/** Compresses where that saves something. */
export function pack(bytes: Buffer, compression: Compression): Packed {
  if (compression === "none" || bytes.length < WORTH_BYTES) return { codec: 0, bytes };
  const packed =
    compression === "gzip"
      ? gzipSync(bytes, { level: 1 })
      : zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return packed.length < bytes.length ? { codec: names.indexOf(compression), bytes: packed } : { codec: 0, bytes };
}

/** Fails with "corrupt" for bytes that do not unpack, and for codecs that nothing of ours writes. */
export function unpack({ codec, bytes }: Packed): Buffer {
  const name = names[codec];
  try {
    if (name === "none") return bytes;
    if (name === "gzip") return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
    if (name === "zstd") return zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    throw new CaudalError("corrupt", `a batch of records does not unpack as ${name}`, { cause });
  }
  throw new CaudalError("corrupt", `a batch of records is packed as ${name ?? `codec ${codec}`}, which is not read here: none, gzip and zstd are`);
}
