import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw, type BrotliOptions, type InputType, type ZlibOptions } from "node:zlib";
import type { Failure } from "../providers/provider.ts";

const MAX_ENCODINGS = 3;

type Decode = (body: InputType, options: ZlibOptions & BrotliOptions) => Promise<Buffer>;
const asGzip = promisify(gunzip) as Decode;
const asBrotli = promisify(brotliDecompress) as Decode;
const asZlib = promisify(inflate) as Decode;
const asRawDeflate = promisify(inflateRaw) as Decode;

/** "deflate" should be zlib's format; some servers send it bare. */
const isZlib = (body: Uint8Array): boolean => (body[0]! & 0x0f) === 8 && ((body[0]! << 8) | (body[1] ?? 0)) % 31 === 0;

const decoders: Readonly<Record<string, (body: Uint8Array, options: ZlibOptions) => Promise<Buffer>>> = {
  gzip: asGzip, "x-gzip": asGzip, br: asBrotli,
  deflate: (body, options) => (isZlib(body) ? asZlib(body, options) : asRawDeflate(body, options)),
};

export type Read = { readonly ok: true; readonly body: Uint8Array } | { readonly ok: false; readonly failure: Failure };

export const tooLong = (maxBytes: number): Failure => ({ kind: "bad_payload", detail: `the answer is longer than ${maxBytes} bytes` });

/** Reads all of it, or stops at the first byte too many. Rejects as the stream does. */
export async function readBody(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Read> {
  const held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { ok: false, failure: tooLong(maxBytes) };
    held.push(chunk);
  }
  return { ok: true, body: held.length === 1 ? held[0]! : Buffer.concat(held, bytes) };
}

/** Takes the encodings off; what a body grows to is held to `maxBytes` at each of them. */
export async function decodeBody(body: Uint8Array, contentEncoding: string | undefined, maxBytes: number): Promise<Read> {
  const encodings = (contentEncoding ?? "").toLowerCase().split(",").map((name) => name.trim()).filter((name) => name !== "" && name !== "identity").reverse();
  if (body.length === 0) return { ok: true, body };
  if (encodings.length > MAX_ENCODINGS) return { ok: false, failure: { kind: "bad_payload", detail: `the answer is encoded ${encodings.length} times` } };
  let plain = body;
  for (const name of encodings) {
    const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (decode === undefined) return { ok: false, failure: { kind: "bad_payload", detail: "the answer is encoded in a way that was not asked for" } };
    try {
      plain = await decode(plain, { maxOutputLength: maxBytes });
    } catch (error) {
      return { ok: false, failure: undecoded((error as NodeJS.ErrnoException).code, name, maxBytes) };
    }
  }
  return { ok: true, body: plain };
}

function undecoded(code: string | undefined, encoding: string, maxBytes: number): Failure {
  if (code === "ERR_BUFFER_TOO_LARGE") return tooLong(maxBytes);
  // The end is missing: another try may bring it.
  if (code === "Z_BUF_ERROR" || code === "ERR__ERROR_FORMAT_PADDING_1") return { kind: "request_failed", detail: `the answer ends inside its ${encoding} encoding` };
  return { kind: "bad_payload", detail: `the answer is not ${encoding}, as its header says` };
}
