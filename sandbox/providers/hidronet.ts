import type { SeenRow } from "../series/row.ts";
import { accountOf, remoteDevice } from "./world.ts";
import { json, retryAfter, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { listOf, textField, wholeOf } from "./query.ts";
import { parseTime } from "./time-text.ts";
import { same } from "./tokens.ts";

const TOKEN_S = 1800;
const PAGE_SIZE = 200;
const MAX_PAGE_SIZE = 1000;

function failed(status: number, message: string): Reply {
  return json(status, { error: status === 401 ? "invalid_token" : "request_failed", error_description: message });
}

/** Client credentials, in the form or in a Basic header. */
function credentials(headers: Readonly<Record<string, string>>, body: unknown): { readonly id: string; readonly secret: string } {
  const [, basic] = /^Basic (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (basic === undefined) return { id: textField(body, "client_id") ?? "", secret: textField(body, "client_secret") ?? "" };
  const [id = "", secret = ""] = Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent);
  return { id, secret };
}

function token({ ask: { headers, body, nowMs }, world }: Call): Reply {
  if (textField(body, "grant_type") !== "client_credentials") return json(400, { error: "unsupported_grant_type" });
  const { id, secret } = credentials(headers, body);
  const account = accountOf(world, "hidronet", ({ secrets }) => secrets["clientId"] === id && same(secrets["clientSecret"] ?? "", secret));
  if (account === undefined) return json(401, { error: "invalid_client" });
  return json(200, { access_token: world.tokens.issue({ account: account.id, provider: "hidronet", kind: "access", nowMs, lifeS: TOKEN_S }), token_type: "Bearer", expires_in: TOKEN_S });
}

function readings({ ask: { query }, params, caller: { account }, view }: Call): Reply {
  const device = remoteDevice(account, params["station"] ?? "");
  if (device === undefined) return failed(404, "station not found");
  const wanted = listOf(query, "variables");
  const keys = device.keys.filter(({ key }) => wanted.length === 0 || wanted.includes(key));
  const [since, until] = [query.get("since"), query.get("until")];
  const [fromMs, toMs] = [since === null ? view.nowMs - 86_400_000 : parseTime(since, "UTC"), until === null ? view.nowMs + 1 : parseTime(until, "UTC")];
  const [size, skip] = [wholeOf(query, "pageSize", { absent: PAGE_SIZE, min: 1, max: MAX_PAGE_SIZE }), wholeOf(query, "cursor", { absent: 0, max: 1e9 })];
  if (fromMs === undefined || toMs === undefined || size === undefined || skip === undefined) return failed(400, "since, until, pageSize or cursor cannot be read");
  const rows = keys.flatMap((key) => view.some(device, key, { fromMs, toMs, order: "descending" }, skip + size + 4)).sort((a, b) => b.row.timeUs - a.row.timeUs);
  const page = view.paged(rows, { limit: size, skip, newestFirst: toMs > view.nowMs });
  const data = view.arranged(page.rows).map(({ row, value }: SeenRow) => ({ variable: row.key.key, unit: row.key.unit, reading: { val: view.value(value), at: view.time(row.timeUs) } }));
  return json(200, { station: device.remote, data, paging: { hasMore: page.more, nextCursor: page.more ? String(skip + size) : null } });
}

/** An invented integrator with OAuth 2 client credentials and paged answers: what `http-json` has to be able to ask. */
export const hidronet: ProviderModel = {
  id: "hidronet",
  title: "Hidronet (OAuth 2)",
  prefixes: ["hidronet"],
  limits: { text: "10:1,300:60", kind: "bucket", per: "account" },
  routes: [
    { method: "POST", path: "/oauth/token", open: true, answer: token },
    { method: "GET", path: "/v1/stations", answer: ({ caller: { account } }) => json(200, { data: (account?.devices ?? []).map(({ remote, device }) => ({ id: remote, name: device })) }) },
    { method: "GET", path: "/v1/stations/{station}/readings", answer: readings },
  ],
  caller({ headers, body, nowMs }, _, world) {
    const [, credential = ""] = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
    if (credential === "") {
      const { id } = credentials(headers, body);
      return { credential: id, account: accountOf(world, "hidronet", ({ secrets }) => secrets["clientId"] === id) };
    }
    const read = world.tokens.read(credential, { provider: "hidronet", kind: "access", nowMs });
    if (read === "expired" || read === undefined) return { credential, account: undefined, expired: read === "expired" };
    return { credential, account: accountOf(world, "hidronet", ({ id }) => id === read.account) };
  },
  denied: ({ expired }) => ({ ...failed(401, expired === true ? "the token has expired" : "the token is not valid"), headers: { "www-authenticate": 'Bearer error="invalid_token"' } }),
  limited: (ms) => ({ ...failed(429, "too many requests"), headers: retryAfter(ms) }),
  failed,
};
