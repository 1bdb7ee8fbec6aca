import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { systemSleep, type Sleep } from "@caudal/runtime";
import { Agent, buildConnector, errors, type Dispatcher } from "undici";
import type { Failure } from "../providers/provider.ts";
import { decodeBody, readBody, tooLong } from "./answer-body.ts";
import { guardedLookup, isRefusedAddress, RefusedAddress, type Lookup } from "./address-guard.ts";
import type { Answered } from "./calls.ts";

export interface Outgoing {
  readonly method: "GET" | "POST";
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it: name, connection, answer to its last byte. */
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

/**
 * Sends requests over connections that are kept, a pool an origin. Follows no redirect, keeps no cookie, uses no proxy. Whatever the network or
 * the other side does is a Failure, whose detail may hold what they wrote (secrets too: whoever shows it takes them out). Any whole answer is an
 * answer, whatever its status. Rejects only with its signal's reason.
 */
export interface Transport {
  send(request: Outgoing, signal: AbortSignal): Promise<Answered>;
  close(): Promise<void>;
}

export interface TransportOptions {
  /** Of an answer's body, as it comes and decoded; 8 MiB when absent. */
  readonly maxAnswerBytes?: number;
  /** Connections an origin; 32 when absent. */
  readonly maxConnections?: number;
  /** Resolves names; as the machine does when absent. */
  readonly lookup?: Lookup;
  /** What deadlines are waited for with; the system's when absent. */
  readonly sleep?: Sleep;
  /** Certificate authorities besides those that Node knows, PEM. */
  readonly ca?: string;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const CONNECT_MS = 10_000;
const KEEP_ALIVE_MS = 15_000;

export function openTransport(options: TransportOptions = {}): Transport {
  const { maxAnswerBytes = MAX_ANSWER_BYTES, sleep = systemSleep } = options;
  const guarded = agent(options, true);
  const open = agent(options, false);

  async function exchange(request: Outgoing, signal: AbortSignal): Promise<Answered> {
    const { url, method, headers, body } = request;
    const answer = await (request.allowPrivate ? open : guarded).request({
      origin: url.origin, path: `${url.pathname}${url.search}`, method, signal, body: body ?? null,
      headers: { "accept-encoding": "gzip, deflate, br", ...headers },
    });
    // An unread body would hold its connection.
    const drop = (failure: Failure): Answered => {
      answer.body.on("error", () => undefined).destroy();
      return { ok: false, failure };
    };
    const named = joined(answer.headers);
    if (Number(named["content-length"] ?? 0) > maxAnswerBytes) return drop(tooLong(maxAnswerBytes));
    const read = await readBody(answer.body, maxAnswerBytes);
    if (!read.ok) return drop(read.failure);
    const decoded = await decodeBody(read.body, named["content-encoding"], maxAnswerBytes);
    return decoded.ok ? { ok: true, answer: { status: answer.statusCode, headers: named, body: decoded.body } } : decoded;
  }

  return {
    send: async (request, signal) => {
      signal.throwIfAborted();
      if (!/^https?:$/.test(request.url.protocol)) return { ok: false, failure: { kind: "config_error", detail: "only http and https are called" } };
      const ending = new AbortController();
      const abort = (): void => ending.abort(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      let late = false;
      const done = new AbortController();
      const expire = (): void => {
        late = true;
        ending.abort();
      };
      sleep(request.timeoutMs, done.signal).then(expire, () => undefined);
      try {
        return await exchange(request, ending.signal);
      } catch (error) {
        signal.throwIfAborted();
        return { ok: false, failure: late ? { kind: "request_failed", detail: `no whole answer within ${request.timeoutMs} ms` } : troubleOf(error) };
      } finally {
        done.abort();
        signal.removeEventListener("abort", abort);
      }
    },
    close: async () => {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

function agent({ maxConnections = 32, lookup, ca }: TransportOptions, guard: boolean): Agent {
  const connect = buildConnector({
    timeout: CONNECT_MS, allowH2: false,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(guard ? { lookup: guardedLookup(lookup) } : lookup === undefined ? {} : { lookup }),
  } as buildConnector.BuildOptions);
  const guardedConnect: buildConnector.connector = (target, done) => {
    // An address in the URL is connected to without any look-up.
    const address = target.hostname.replace(/^\[|\]$/g, "");
    if (isIP(address) !== 0 && isRefusedAddress(address)) return done(new RefusedAddress("the URL's host is an address of a private network or of this machine"), null);
    connect(target, done);
  };
  return new Agent({ connect: guard ? guardedConnect : connect, connections: maxConnections, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 });
}

function joined(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(", ") : (value ?? "")]));
}

function troubleOf(error: unknown): Failure {
  if (error instanceof RefusedAddress) return { kind: "config_error", detail: `${error.message}; the account's allowPrivate permits it` };
  if (error instanceof errors.InvalidArgumentError) return { kind: "config_error", detail: `the request cannot be sent: ${error.message}` };
  const { message, code, errors: several } = error as { message?: string; code?: string; errors?: readonly { message: string }[] };
  const said = several === undefined || message !== "" ? message : several.map((each) => each.message).join("; ");
  return { kind: "request_failed", detail: said || code || "the connection failed" };
}
