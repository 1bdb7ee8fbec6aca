import type { TestContext } from "node:test";
import { createLogger, createMetrics, systemClock, type Clock, type Metrics, type Sleep } from "@caudal/runtime";
import { z } from "zod";
import type { Account } from "../../providers/account.ts";
import type { Login, Provider, ProviderRequest } from "../../providers/provider.ts";
import { openCalls, type AccountCalls } from "../open-calls.ts";
import { openTransport, type Transport, type TransportOptions } from "../transport.ts";

/** With time enough for a machine that is busy. */
export const read: ProviderRequest = { method: "GET", path: "/data", timeoutMs: 30_000 };
export const never = new AbortController().signal;

export function providerOf(over: Partial<Provider> = {}): Provider {
  return {
    id: "acme", aliases: [], title: "Acme", settings: z.object({}), secrets: { account: [], device: [] }, baseUrl: () => "", keysPerCall: "all", budget: [], hasHistory: true,
    request: () => read, normalise: () => ({ kind: "no_data", detail: "" }), ...over,
  };
}

/** POST /login gives `{token, life}`; calls carry it as a bearer. */
export const bearerLogin: Login<unknown> = {
  request: (_settings, secrets) => ({ method: "POST", path: "/login", json: { username: secrets["username"], password: secrets["password"] } }),
  token: ({ body }, nowUs) => {
    try {
      const { token, lifeMs } = JSON.parse(Buffer.from(body).toString()) as { token: string; lifeMs?: number };
      return { token, expiresAtUs: lifeMs === undefined ? undefined : nowUs + lifeMs * 1000 };
    } catch {
      return { kind: "bad_payload", detail: "the login's answer is no JSON" };
    }
  },
  apply: (request, token) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }),
};

export function accountOf(baseUrl: string, over: Partial<Account> = {}): Account {
  return {
    id: "acme-1", provider: providerOf(), settings: {}, client: "riego", baseUrl, secrets: {}, budget: [], concurrency: 16, allowPrivate: true,
    overlapEveryMs: 0, overlapMs: 0, devices: [], ...over,
  };
}

export interface Opened {
  readonly calls: AccountCalls;
  readonly metrics: Metrics;
  /** Lines of the log, parsed. */
  readonly lines: Record<string, unknown>[];
  /** The log as it was written. */
  readonly written: () => string;
}

export interface OpenedOptions {
  readonly clock?: Clock;
  readonly sleep?: Sleep;
  readonly transport?: Transport;
  readonly transportOptions?: TransportOptions;
  readonly random?: () => number;
  readonly maxWaiting?: number;
}

/** Calls that end with their test. Pauses between tries are short unless the test holds its own clock. */
export function opened(context: TestContext, account: Account, options: OpenedOptions = {}): Opened {
  const { clock = systemClock, transport = openTransport(options.transportOptions), random = () => 0 } = options;
  const lines: Record<string, unknown>[] = [];
  let written = "";
  const logger = createLogger({ level: "debug", pretty: false, destination: { write: (line) => {
    written += line;
    lines.push(JSON.parse(line) as Record<string, unknown>);
  } } });
  const metrics = createMetrics({ process: false });
  const calls = openCalls({ account, transport, clock, logger, metrics, random, ...(options.sleep === undefined ? {} : { sleep: options.sleep }), ...(options.maxWaiting === undefined ? {} : { maxWaiting: options.maxWaiting }) });
  context.after(async () => {
    await calls.close();
    await transport.close();
  });
  return { calls, metrics, lines, written: () => written };
}
