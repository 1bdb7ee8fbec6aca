import type { IncomingMessage } from "node:http";
import { mediaTypeOf } from "./body.ts";
import { Problem } from "./problem.ts";

/** What a browser that was lured elsewhere must not get past, on loopback too (a name that resolves to 127.0.0.1, a form on another site). */
export interface Guard {
  /** Throws a Problem when the request must not be served. */
  check(request: IncomingMessage): void;
}

const forms = new Set(["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]);
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);
const tokenParameters = new Set(["token", "access_token", "api_key", "apikey", "authorization"]);

export interface GuardOptions {
  /** The host that the server was told to listen at. */
  readonly host: string;
  /** Further names that people reach it by. */
  readonly hostNames?: readonly string[];
}

export function createGuard(options: GuardOptions): Guard {
  const names = new Set(["localhost", "127.0.0.1", "[::1]", bracketed(options.host), ...(options.hostNames ?? [])].map((name) => name.toLowerCase()));

  return {
    check: (request) => {
      const host = request.headers.host;
      const name = hostName(host);
      if (name === undefined || !(names.has(name) || name === ownAddress(request))) throw new Problem("host-refused", { field: "Host" });
      refuseTokenInUrl(request.url ?? "");
      const writes = !safeMethods.has(request.method ?? "GET");
      const upgrades = request.headers.upgrade !== undefined;
      if (writes || upgrades) checkOrigin(request, host ?? "");
      if (writes && forms.has(mediaTypeOf(request))) throw new Problem("form-refused", { field: "Content-Type", detail: mediaTypeOf(request) });
    },
  };
}

/** Host without its port, lower case; undefined when it is none. */
function hostName(host: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:@/\s]+)(?::\d{1,5})?$/i.exec(host ?? "")?.[1]?.toLowerCase();
}

/** The address that the connection came in by: a name that was rebound to us is never written as an address. */
function ownAddress(request: IncomingMessage): string | undefined {
  const address = request.socket.localAddress?.replace(/^::ffff:/i, "");
  return address === undefined ? undefined : bracketed(address).toLowerCase();
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function checkOrigin(request: IncomingMessage, host: string): void {
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (typeof site === "string" && (site === "cross-site" || site === "same-site")) throw new Problem("origin-refused", { field: "Sec-Fetch-Site" });
  // Programs send no Origin; a browser does with every write and every WebSocket.
  if (origin !== undefined && originHost(origin) !== host.toLowerCase()) throw new Problem("origin-refused", { field: "Origin" });
}

function originHost(origin: string): string | undefined {
  return /^https?:\/\/([^/?#]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

function refuseTokenInUrl(url: string): void {
  const question = url.indexOf("?");
  if (question === -1) return;
  for (const name of new URLSearchParams(url.slice(question + 1)).keys()) {
    if (tokenParameters.has(name.toLowerCase())) throw new Problem("token-in-url", { field: `query.${name}` });
  }
}
