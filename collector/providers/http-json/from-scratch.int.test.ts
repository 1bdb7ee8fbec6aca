import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { createLogger, createMetrics, systemClock } from "@caudal/runtime";
import { tryAccount, type TriedKeys } from "../../polling/try-account.ts";
import type { Window } from "../provider.ts";
import { parseProviders } from "../file/read-providers-file.ts";
import { providers } from "../providers.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 2, 1, 9);
const rows = Array.from({ length: 7 }, (_, at) => ({ t: START_MS + at * 10 * MINUTE_MS, q: `${at},5`, v: 1000 + at }));
const requests: string[] = [];
let logins = 0;

/** A service of its own: a login whose token counts, then the newest row or pages of two by offset. */
const server = createServer((request, response) => { void serve(request, response); });

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const send = (status: number, body: unknown): void => { response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)); };
  let text = "";
  for await (const chunk of request) text += String(chunk);
  requests.push(`${request.method} ${request.url}`);
  if (url.pathname === "/api/login") {
    logins += 1;
    const { username, password } = JSON.parse(text) as { username: string; password: string };
    return username === "ana" && password === 'cl"ave' ? send(200, { access: { token: "ficha-1", seconds: 600 } }) : send(401, {});
  }
  if (request.headers.authorization !== "Bearer ficha-1") return send(401, {});
  if (url.pathname === "/api/wells/W%2F08%20norte/now") return send(200, { rows: rows.slice(-1) });
  if (url.pathname !== "/api/wells/W%2F08%20norte/rows") return send(404, {});
  const [from, to, skip] = ["from", "to", "skip"].map((name) => Number(url.searchParams.get(name)));
  return send(200, { rows: rows.filter(({ t }) => t >= (from ?? 0) && t < (to ?? 0)).slice(skip, (skip ?? 0) + 2) });
}

before(() => new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); }));
after(() => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }));

const block = (port: number): string => `
providers:
  - id: portal
    baseUrl: http://127.0.0.1:${port}/api
    auth:
      kind: login
      path: /login
      json: { username: "{secret.PORTAL_USER}", password: "{secret.PORTAL_PASSWORD}" }
      token: $.access.token
      expires: { path: $.access.seconds, format: seconds }
    request: { path: "/wells/{device}/now" }
    history:
      path: /wells/{device}/rows
      query: { from: "{from}", to: "{to}", skip: "{offset}" }
      time: { format: epoch-ms }
      limit: 2
      paging: { kind: offset }
    samples: $.rows[*]
    map:
      columns: { caudal: { path: $.q, unit: L/s }, total: $.v }
      time: { path: $.t, format: epoch-ms }
    numbers: { decimal: "," }
    rate: { perSecond: 1000, burst: 1000 }
accounts:
  - id: portal-norte
    provider: portal
    allowPrivate: true
    every: 1m
    devices: [{ device: W-08, remote: W/08 norte }]
`;

async function tried(window?: Window): Promise<readonly TriedKeys[]> {
  const secrets: Readonly<Record<string, string>> = { "env:PORTAL_USER": "ana", "env:PORTAL_PASSWORD": 'cl"ave' };
  const { accounts } = await parseProviders(block((server.address() as AddressInfo).port), "providers.yaml", { providers, resolveSecret: async (reference) => secrets[reference] });
  const [account] = accounts;
  assert.ok(account);
  const logger = createLogger({ level: "error", pretty: false, destination: { write: () => undefined } });
  return tryAccount({ account, ...(window === undefined ? {} : { window }), clock: systemClock, logger, metrics: createMetrics({ process: false }), signal: AbortSignal.timeout(10_000) });
}

test("a provider from scratch, by a block of the file: a login, then the newest readings", async () => {
  const [newest] = await tried();
  assert.deepEqual({ outcome: newest?.outcome, samples: newest?.samples }, {
    outcome: "ok", samples: [{ key: "caudal", value: "6.5", unit: "L/s", time: "2026-03-01T10:00:00Z" }, { key: "total", value: 1006, unit: null, time: "2026-03-01T10:00:00Z" }],
  });
  assert.equal(logins, 1);
});

test("a provider from scratch, by a block of the file: a history of several pages", async () => {
  requests.length = 0;
  const [history] = await tried({ fromUs: START_MS * 1000, toUs: (START_MS + 50 * MINUTE_MS) * 1000 });
  assert.equal(history?.outcome, "ok");
  assert.deepEqual(history.samples.filter(({ key }) => key === "total").map(({ value }) => value), [1000, 1001, 1002, 1003, 1004]);
  assert.equal(history.more, false);
  assert.deepEqual(requests.slice(1).map((line) => new URL(line.split(" ")[1] ?? "", "http://x").searchParams.get("skip")), ["0", "2", "4"]);
});
