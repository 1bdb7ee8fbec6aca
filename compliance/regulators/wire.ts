import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { CaudalError } from "@caudal/core";
import type { Answer } from "./regulator.ts";

/** A request below a regulator's base URL, in the order in which its headers are written. */
export interface WireRequest {
  readonly method: "GET" | "POST";
  /** Path and query below the API's base. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * What came of a request. An answer was read to its end, or to the most that is read of one. Where none was, `why` is a code such as "timeout" or "ECONNRESET" and never a
 * text of the request's; `mayHaveArrived` is false only where no connection came to be.
 */
export type Exchanged =
  | { readonly kind: "answered"; readonly answer: Answer; readonly tookMs: number }
  | { readonly kind: "failed"; readonly why: string; readonly status: number | null; readonly body: string; readonly mayHaveArrived: boolean; readonly tookMs: number };

export interface Wire {
  /** One request, never repeated. Resolves whatever happens. */
  exchange(request: WireRequest, within: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<Exchanged>;
}

const MOST_BYTES = 64 * 1024;
const MOST_SOCKETS = 16;
/** A socket that rests for longer may be one that the other side has closed, and a POST on it would end unknown. */
const REST_MS = 2000;

/** What becomes of a request where there is no address. */
const noWire: Wire = { exchange: () => Promise.resolve({ kind: "failed", why: "no-address", status: null, body: "", mayHaveArrived: false, tookMs: 0 }) };

/** A regulator's API over HTTP/1.1 with connections kept open; redirects are not followed. Error "setting" for a URL that a password may not be sent to. */
export function createWire(baseUrl: string | undefined): Wire {
  if (baseUrl === undefined) return noWire;
  const base = checkedBase(baseUrl);
  const options = { keepAlive: true, maxSockets: MOST_SOCKETS, timeout: REST_MS };
  const agent = base.protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
  const open = base.protocol === "https:" ? httpsRequest : httpRequest;
  const below = base.pathname.replace(/\/+$/, "");
  return {
    exchange: ({ method, path, headers, body }, { timeoutMs, signal }) => new Promise((resolve) => {
      if (signal.aborted) return resolve({ kind: "failed", why: "aborted", status: null, body: "", mayHaveArrived: false, tookMs: 0 });
      const startedMs = performance.now();
      const seen: { status: number | null; connected: boolean; bytes: Buffer[] } = { status: null, connected: false, bytes: [] };
      const bodyText = (): string => Buffer.concat(seen.bytes).toString("utf8");
      const timer = setTimeout(() => failed("timeout"), timeoutMs);
      const settle = (exchanged: Exchanged): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", left);
        resolve(exchanged);
      };
      const failed = (why: string): void => {
        settle({ kind: "failed", why, status: seen.status, body: bodyText(), mayHaveArrived: seen.connected, tookMs: performance.now() - startedMs });
        sent.destroy();
      };
      const left = (): void => failed("aborted");
      const answered = (): void => settle({ kind: "answered", answer: { status: seen.status ?? 0, body: bodyText() }, tookMs: performance.now() - startedMs });
      const bytes = body === undefined ? undefined : Buffer.from(body, "utf8");
      const sent = open({
        agent, method, hostname: base.hostname.replace(/^\[|\]$/g, ""), port: base.port === "" ? undefined : Number(base.port), path: `${below}${path}`,
        headers: { Host: base.host, ...headers, ...(bytes === undefined ? {} : { "Content-Length": String(bytes.length) }) },
      });
      signal.addEventListener("abort", left, { once: true });
      sent.on("socket", (socket) => {
        if (socket.connecting) socket.once(base.protocol === "https:" ? "secureConnect" : "connect", () => (seen.connected = true));
        else seen.connected = true;
      });
      sent.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? "broken"));
      sent.on("response", (response: IncomingMessage) => {
        seen.status = response.statusCode ?? 0;
        if (seen.status >= 300 && seen.status < 400) return failed("redirect");
        let length = 0;
        response.on("data", (piece: Buffer) => {
          if (length >= MOST_BYTES) return;
          seen.bytes.push(piece.subarray(0, MOST_BYTES - length));
          length += piece.length;
          if (length < MOST_BYTES) return;
          answered();
          sent.destroy();
        });
        response.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? "broken"));
        response.on("end", () => (response.complete ? answered() : failed("ECONNRESET")));
      });
      sent.end(bytes);
    }),
  };
}

/** Passwords go over TLS, but for names that lead nowhere else: this machine, and a neighbour in a composition of containers. */
function checkedBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const near = url !== undefined && (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname) || /^[a-z0-9-]+$/.test(url.hostname));
  const fits = url !== undefined && url.username === "" && url.password === "" && url.search === "" && (url.protocol === "https:" || (url.protocol === "http:" && near));
  if (!fits) throw new CaudalError("setting", "the URL of a regulator is https, without credentials and query; http only for this machine or a neighbouring container");
  return url;
}
