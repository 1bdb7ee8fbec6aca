import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Account, AccountDevice } from "../providers/account.ts";
import type { Answer, Normalised, Provider, TimedSample } from "../providers/provider.ts";

/** A row that a scripted server keeps. */
export interface ServedRow {
  readonly key: string;
  readonly timeUs: number;
  readonly value: number;
}

/** What one request gets in place of rows. */
export interface Instead {
  readonly status: number;
  readonly body: string;
}

/** A small server that keeps rows by device and answers with the newest, or with a window page by page, oldest first or newest first. */
export interface ScriptedServer {
  readonly baseUrl: string;
  readonly rows: Map<string, ServedRow[]>;
  /** Path and query of each request, in order. */
  readonly requests: string[];
  /** Asked before each answer. */
  instead: (url: URL) => Instead | undefined;
  pageSize: number;
  newestFirst: boolean;
  close(): Promise<void>;
}

export async function openScriptedServer(): Promise<ScriptedServer> {
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    scripted.requests.push(`${url.pathname}${url.search}`);
    const other = scripted.instead(url);
    response.setHeader("content-type", "application/json");
    if (other !== undefined) return response.writeHead(other.status).end(other.body);
    const asked = url.searchParams;
    const keys = new Set((asked.get("keys") ?? "").split(","));
    const all = (scripted.rows.get(asked.get("device") ?? "") ?? []).filter(({ key }) => keys.has(key)).sort((a, b) => a.timeUs - b.timeUs);
    if (url.pathname === "/latest") {
      const newest = new Map(all.map((row) => [row.key, row]));
      return response.end(JSON.stringify({ rows: [...newest.values()] }));
    }
    const [from, to, after] = ["from", "to", "after"].map((name) => Number(asked.get(name) ?? 0)) as [number, number, number];
    const inside = all.filter(({ timeUs }) => timeUs >= from && timeUs < to);
    if (scripted.newestFirst) inside.reverse();
    const page = inside.slice(after, after + scripted.pageSize);
    response.end(JSON.stringify({ rows: page, ...(after + page.length < inside.length ? { next: after + page.length } : {}) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const scripted: ScriptedServer = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rows: new Map(), requests: [], instead: () => undefined, pageSize: 1000, newestFirst: false,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
  return scripted;
}

const answerSchema = z.object({ rows: z.array(z.object({ key: z.string(), timeUs: z.number(), value: z.union([z.number(), z.null()]) })), next: z.number().optional() });

/** Speaks to a scripted server. */
export function scriptedProvider(more: Partial<Provider> = {}): Provider {
  return {
    id: "scripted", aliases: ["script"], title: "Scripted", settings: z.unknown(), secrets: { account: ["token"], device: [] }, baseUrl: () => "", keysPerCall: "one", budget: [{ calls: 100_000, perMs: 1000 }], hasHistory: true,
    request: ({ device: { device }, keys, window, page, secrets }) => ({
      method: "GET", path: window === undefined ? "/latest" : "/rows", headers: { "x-token": secrets["token"] ?? "" },
      query: [["device", device], ["keys", keys.join()], ...(window === undefined ? [] : [["from", String(window.fromUs)], ["to", String(window.toUs)]] as const), ...(page === undefined ? [] : [["after", String(page)]] as const)],
    }),
    normalise: (answer) => normalise(answer),
    ...more,
  };
}

function normalise({ body }: Answer): Normalised {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch {
    return { kind: "bad_payload", detail: `not JSON: ${Buffer.from(body).toString().slice(0, 60)}` };
  }
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) return { kind: "bad_payload", detail: "no rows" };
  const samples = parsed.data.rows.map((row): TimedSample => ({ ...row, unit: null }));
  const next = parsed.data.next === undefined ? {} : { next: parsed.data.next };
  return samples.length === 0 ? { kind: "no_data", detail: "no rows", ...next } : { kind: "ok", samples, ...next };
}

export function scriptedDevice(device: string, more: Partial<AccountDevice> = {}): AccountDevice {
  return { device, remote: device, secrets: {}, keys: ["level"], cadence: { kind: "every", ms: 60_000 }, names: {}, units: {}, sentinels: [], live: false, ...more };
}

export function scriptedAccount(server: Pick<ScriptedServer, "baseUrl">, devices: readonly AccountDevice[], more: Partial<Account> = {}): Account {
  return {
    id: "north", provider: scriptedProvider(), settings: {}, client: "acme", baseUrl: server.baseUrl, secrets: { token: "tok-synthetic-8831" }, budget: [{ calls: 100_000, perMs: 1000 }], concurrency: 8, allowPrivate: true,
    overlapEveryMs: 3_600_000, overlapMs: 48 * 3_600_000, devices, ...more,
  };
}
