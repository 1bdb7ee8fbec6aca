import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** A file of the page, ready to be sent in the encoding that the browser takes. */
export interface PageAsset {
  readonly contentType: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/** By path, as `/assets/app-6JQ3.js`. */
export type PageAssets = ReadonlyMap<string, PageAsset>;

/** Files whose name holds their hash never change. */
export const IMMUTABLE = "public, max-age=31536000, immutable";
/** The document names those files, so it is asked again each time; its ETag makes that cheap. */
export const REVALIDATE = "no-cache";

const zip = promisify(gzip);
const brotli = promisify(brotliCompress);
/** Higher costs more at every start than it saves. */
const BROTLI_QUALITY = 9;

export async function assetOf(content: string | Uint8Array, contentType: string, cacheControl: string): Promise<PageAsset> {
  const body = Buffer.from(content);
  const [zipped, smaller] = await Promise.all([zip(body), brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })]);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { contentType, etag, cacheControl, body, gzip: zipped, brotli: smaller };
}
