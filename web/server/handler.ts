import type { IncomingMessage, ServerResponse } from "node:http";
import type { PageAsset, PageAssets } from "./assets.ts";
import { pageRoutes } from "./routes.ts";

/** A handler for node:http and express alike; what it does not know goes to `next`. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const pagePaths = pageRoutes.map((route) => new RegExp(`^${route.replace(/:\w+/g, "[^/]+").replace(/\/$/, "")}/?$`));

/** Serves the page's files, and its document for each of its paths, with and without a trailing slash. GET and HEAD only. */
export function createPageHandler(assets: PageAssets): PageHandler {
  return (request, response, next) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const asset = assets.get(path) ?? (pagePaths.some((pattern) => pattern.test(path)) ? assets.get("/") : undefined);
    if (asset === undefined || (request.method !== "GET" && request.method !== "HEAD")) return next();
    send(asset, request, response);
  };
}

function send(asset: PageAsset, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("etag", asset.etag);
  response.setHeader("cache-control", asset.cacheControl);
  response.setHeader("vary", "accept-encoding");
  if (matches(request.headers["if-none-match"], asset.etag)) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const [encoding, body] = encoded(asset, request.headers["accept-encoding"]);
  response.statusCode = 200;
  response.setHeader("content-type", asset.contentType);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("content-length", body.length);
  if (encoding !== null) response.setHeader("content-encoding", encoding);
  response.end(request.method === "HEAD" ? undefined : body);
}

/** A proxy may have made the tag weak on its way. */
function matches(header: string | undefined, etag: string): boolean {
  return (header ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

function encoded(asset: PageAsset, accepted: string | string[] | undefined): [string | null, Buffer] {
  const refused = new Set<string>();
  const wanted = new Set<string>();
  for (const part of String(accepted ?? "").toLowerCase().split(",")) {
    const [name = "", quality = ""] = part.split(";").map((piece) => piece.trim());
    (/^q=0(\.0*)?$/.test(quality) ? refused : wanted).add(name);
  }
  if (wanted.has("br") && !refused.has("br")) return ["br", asset.brotli];
  if (wanted.has("gzip") && !refused.has("gzip")) return ["gzip", asset.gzip];
  return [null, asset.body];
}
