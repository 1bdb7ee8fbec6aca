import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "./problem.ts";

/** Strong ETag of a version number. */
export function versionEtag(version: number): string {
  return `"${version}"`;
}

/** Strong ETag of a body. */
export function contentEtag(content: string | Uint8Array): string {
  return `"${createHash("sha256").update(content).digest("base64url").slice(0, 27)}"`;
}

/**
 * Throws Problem "precondition-failed" (412) when the request has an `If-Match` that names neither this version nor `etag`, the tag that
 * the answers carry where that is not the version's own.
 */
export function checkIfMatch(headers: IncomingHttpHeaders, version: number, etag = versionEtag(version)): void {
  const header = headers["if-match"];
  if (header === undefined) return;
  if (tagsOf(header).some((tag) => tag === "*" || tag === versionEtag(version) || tag === etag)) return;
  throw new Problem("precondition-failed", { field: "If-Match", headers: { ETag: etag } });
}

/** True when the caller holds this very content, so that 304 is enough. */
export function matchesIfNoneMatch(headers: IncomingHttpHeaders, etag: string): boolean {
  const header = headers["if-none-match"];
  return header !== undefined && tagsOf(header).some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}

function tagsOf(header: string): string[] {
  return header.split(",").map((tag) => tag.trim());
}
