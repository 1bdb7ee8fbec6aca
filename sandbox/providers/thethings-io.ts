import type { SandboxDevice } from "../fleet/device.ts";
import { json, type Ask, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { wholeOf } from "./query.ts";
import { same } from "./tokens.ts";
import { parseTime } from "./time-text.ts";
import { accountOf, keyOf, type World } from "./world.ts";

const LIMIT = 100;
const MAX_LIMIT = 10_000;
const FAR_MS = 8.64e15;
const codes: Readonly<Record<number, string>> = { 400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 410: "gone", 429: "too_many_requests" };

function failed(status: number, message: string): Reply {
  return json(status, { status: "error", code: codes[status] ?? "server_error", message });
}

/** `YYYYMMDDHHmmss` or ISO. */
function dateOf(text: string | null): number | undefined {
  const compact = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text ?? "");
  if (compact === null) return parseTime(text ?? "", "UTC");
  const [, ...digits] = compact;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = digits.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function read({ ask: { query }, params, caller: { device }, view }: Call): Reply {
  const key = device === undefined ? undefined : keyOf(device, params["key"] ?? "");
  if (device === undefined || key === undefined) return failed(404, "resource not found");
  const limit = wholeOf(query, "limit", { absent: LIMIT, min: 1, max: MAX_LIMIT });
  const [from, to] = [query.get("startDate"), query.get("endDate")];
  const [fromMs, toMs] = [from === null ? -FAR_MS : dateOf(from), to === null ? view.nowMs : dateOf(to)];
  if (limit === undefined || fromMs === undefined || toMs === undefined) return failed(400, "limit, startDate or endDate cannot be read");
  // Without dates the newest are asked for, which repeat while the device is silent.
  const newest = limit === 1 && from === null && to === null ? [view.newest(device, key)].filter((row) => row !== undefined) : undefined;
  const rows = newest ?? view.rows(device, key, { fromMs, toMs: toMs + 1, order: "descending" }, { limit }).rows;
  return json(200, view.arranged(rows).map(({ row, value }) => ({ key: key.key, value: view.value(value), datetime: view.time(row.timeUs) })));
}

function write({ ask: { body, nowMs }, caller: { device }, world }: Call): Reply {
  const values: unknown = typeof body === "object" && body !== null && "values" in body ? body.values : body;
  if (device === undefined || !Array.isArray(values) || values.length === 0 || values.length > 1000) return failed(400, "values is an array of key and value");
  const rows = values.map((each: unknown) => {
    const { key, value, datetime } = typeof each === "object" && each !== null ? (each as Record<string, unknown>) : {};
    const known = typeof key === "string" ? keyOf(device, key) : undefined;
    const timeMs = datetime === undefined ? nowMs : typeof datetime === "string" ? dateOf(datetime) : undefined;
    const usable = typeof value === "number" || typeof value === "string" || typeof value === "boolean";
    return known === undefined || timeMs === undefined || !usable ? undefined : { known, timeMs, value };
  });
  if (rows.includes(undefined)) return failed(400, "a value has no known key, or no date that can be read");
  for (const row of rows) if (row !== undefined) world.written.write(device, row.known, { value: row.value, timeMs: row.timeMs, nowMs });
  return json(201, { status: "created", message: `${rows.length} values created` });
}

function deviceOf(world: World, token: string): SandboxDevice | undefined {
  return accountOf(world, "thethings-io", () => true)?.devices.find(({ secrets }) => same(secrets["token"] ?? "", token));
}

function callerOf(ask: Ask, params: Readonly<Record<string, string>>, world: World): ReturnType<ProviderModel["caller"]> {
  const credential = params["token"] ?? ask.query.get("thingToken") ?? "";
  const device = deviceOf(world, credential);
  return { credential, account: device === undefined ? undefined : accountOf(world, "thethings-io", () => true), ...(device === undefined ? {} : { device }) };
}

/** thethings.io v2 ("nettra"): the thing's token stands in the path, answers are arrays, newest first. Its stream (`keepAlive`) is not played. */
export const thethingsIo: ProviderModel = {
  id: "thethings-io",
  title: "thethings.io (Nettra)",
  prefixes: ["nettra", "thethings-io"],
  limits: { text: "20:1,600:60", kind: "bucket", per: "account" },
  routes: [
    { method: "GET", path: "/v2/things/{token}/resources/{key}", answer: read },
    {
      method: "GET",
      path: "/v2/things/{token}/resources",
      answer: ({ caller: { device } }) => json(200, (device?.keys ?? []).map(({ key }) => ({ key }))),
    },
    { method: "GET", path: "/v2/utils/date", answer: ({ view }) => json(200, { datetime: view.time(view.nowMs * 1000) }) },
    { method: "POST", path: "/v2/things/{token}", answer: write },
  ],
  caller: callerOf,
  denied: () => failed(401, "invalid thing token"),
  // The documented 403 stands for "too many" as well.
  limited: () => failed(403, "too many requests"),
  failed,
};
