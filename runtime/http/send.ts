import type { Request, Response } from "express";
import type { Language } from "../texts/language.ts";
import { matchesIfNoneMatch } from "./etag.ts";
import type { Reply } from "./operation.ts";
import { problemDocument, type Problem } from "./problem.ts";

/** Milliseconds in which a caller may finish sending a body that nobody reads, before its connection is cut. */
const LINGER_MS = 2000;

/** Writes a reply that is not streamed: bytes and named text as they are, anything else as JSON. */
export function sendReply(request: Request, response: Response, reply: Exclude<Reply, { streamed: true }>): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const etag = response.getHeader("etag");
  if (!response.hasHeader("cache-control")) response.setHeader("Cache-Control", etag === undefined ? "no-store" : "no-cache");
  const reads = request.method === "GET" || request.method === "HEAD";
  if (reads && reply.status === 200 && typeof etag === "string" && matchesIfNoneMatch(request.headers, etag)) {
    response.status(304).end();
    return;
  }
  response.status(reply.status);
  if (reply.body === undefined) response.end();
  else response.end(bytesOf(reply.body, response));
}

function bytesOf(body: unknown, response: Response): string | Uint8Array {
  const named = response.hasHeader("content-type");
  const plain = body instanceof Uint8Array || (typeof body === "string" && named);
  if (!named) response.setHeader("Content-Type", plain ? "application/octet-stream" : "application/json; charset=utf-8");
  const bytes = plain ? body : JSON.stringify(body);
  response.setHeader("Content-Length", Buffer.byteLength(bytes));
  return bytes;
}

/** Writes a problem document; after the headers are out there is only cutting the answer short. */
export function sendProblem(request: Request, response: Response, problem: Problem, about: { readonly language: Language; readonly instance: string }): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const document = problemDocument(problem, about.language, about.instance);
  for (const name of ["etag", "cache-control", "content-type", "content-length", "set-cookie"]) response.removeHeader(name);
  sendReply(request, response, {
    status: problem.status,
    headers: {
      ...(problem.status === 401 ? { "WWW-Authenticate": 'Bearer realm="caudal"' } : {}),
      ...(problem.status === 503 || problem.status === 429 ? { "Retry-After": "1" } : {}),
      ...problem.options.headers,
      "Content-Type": "application/problem+json; charset=utf-8",
      "Content-Language": about.language,
    },
    body: JSON.stringify(document),
  });
  letGo(request, response);
}

/** The rest of an unread body is thrown away for a while: cutting at once would lose the answer on its way to a caller that still sends. */
function letGo(request: Request, response: Response): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  const settled = (): void => clearTimeout(timer);
  request.once("end", settled).once("close", settled);
  response.socket?.once("close", settled);
  request.resume();
}
