import type { SeenRow } from "../series/row.ts";
import { json, retryAfter, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { wholeOf } from "./query.ts";
import { same } from "./tokens.ts";
import { accountOf, keyOf, remoteDevice } from "./world.ts";

const PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;
const FAR_MS = 8.64e15;

function failed(status: number, message: string): Reply {
  return json(status, { code: status * 1000 + 1, message });
}

function written({ view }: Call, { row, value, revision }: SeenRow): Record<string, unknown> {
  return { timestamp: row.timeMs, created_at: row.revisions[revision]?.visibleAtMs ?? row.timeMs, value: view.value(value), context: {} };
}

function values(call: Call): Reply {
  const { ask: { query, baseUrl, path }, params, caller: { account }, view } = call;
  const device = remoteDevice(account, params["device"] ?? "");
  const key = device === undefined ? undefined : keyOf(device, params["variable"] ?? "");
  if (device === undefined || key === undefined) return failed(404, "Not found.");
  const [start, end] = [wholeOf(query, "start", { absent: 0, max: FAR_MS }), wholeOf(query, "end", { absent: view.nowMs, max: FAR_MS })];
  const [size, page] = [wholeOf(query, "page_size", { absent: PAGE_SIZE, min: 1, max: MAX_PAGE_SIZE }), wholeOf(query, "page", { absent: 1, min: 1, max: 1e6 })];
  if (start === undefined || end === undefined || size === undefined || page === undefined) return failed(400, "start, end, page_size and page are whole numbers");
  const { rows, more } = view.rows(device, key, { fromMs: start, toMs: end + 1, order: "descending" }, { limit: size, skip: (page - 1) * size });
  const link = (to: number): string => `${baseUrl}${path}?${new URLSearchParams({ ...Object.fromEntries(query), page: String(to) }).toString()}`;
  return json(200, { count: true, next: more ? link(page + 1) : null, previous: page > 1 ? link(page - 1) : null, results: view.arranged(rows).map((row) => written(call, row)) });
}

function last(call: Call): Reply {
  const { params, caller: { account }, view } = call;
  const device = remoteDevice(account, params["device"] ?? "");
  const key = device === undefined ? undefined : keyOf(device, params["variable"] ?? "");
  if (device === undefined || key === undefined) return failed(404, "Not found.");
  const row = view.newest(device, key);
  if (row !== undefined) view.give(row);
  return { status: 200, body: { text: row === undefined ? "" : String(row.value), type: "text/plain" } };
}

/** Ubidots v1.6: `X-Auth-Token`, four requests a second, pages with a link to the next. `/lv` is a bare number without a time. */
export const ubidots: ProviderModel = {
  id: "ubidots",
  title: "Ubidots",
  prefixes: ["ubidots"],
  limits: { text: "4:1", kind: "fixed", per: "account" },
  routes: [
    { method: "GET", path: "/api/v1.6/devices/{device}/{variable}/values", answer: values },
    { method: "GET", path: "/api/v1.6/devices/{device}/{variable}/lv", answer: last },
  ],
  caller({ headers }, _, world) {
    const credential = headers["x-auth-token"] ?? "";
    return { credential, account: accountOf(world, "ubidots", ({ secrets }) => same(secrets["token"] ?? "", credential)) };
  },
  denied: () => failed(401, "Authentication credentials were not provided."),
  limited: (ms) => ({ ...failed(429, "Request was throttled."), headers: retryAfter(ms) }),
  failed,
};
