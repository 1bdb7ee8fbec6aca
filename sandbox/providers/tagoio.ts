import { hex } from "../seed/hash.ts";
import type { SandboxKey } from "../fleet/device.ts";
import type { SeenRow } from "../series/row.ts";
import { json, retryAfter, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { listOf, wholeOf } from "./query.ts";
import { ranged, type Asked } from "./tagoio-range.ts";
import { same } from "./tokens.ts";
import { accountOf } from "./world.ts";

const QTY = 15;
const MAX_QTY = 10_000;
const LATE_MS = 48 * 3_600_000;

function failed(status: number, message: string): Reply {
  return json(status, { status: false, message });
}

function done(result: unknown): Reply {
  return json(200, { status: true, result });
}

const kinds = ["last_value", "last_item", "last_insert", "first_value", "first_item", "first_insert", "min", "max", "count", "avg", "sum", "aggregate", "last_location", "first_location"] as const;
type Kind = (typeof kinds)[number];

function data(call: Call): Reply {
  const { ask: { query }, caller: { device }, view } = call;
  if (device === undefined) return failed(401, "Authorization denied");
  const unsupported = ["groups", "ids", "values"].find((name) => query.has(name) || query.has(`${name}[]`));
  if (unsupported !== undefined) return failed(400, `the sandbox does not filter by ${unsupported}`);
  const wanted = listOf(query, "variable", "variables");
  const keys = wanted.length === 0 ? device.keys : device.keys.filter(({ key }) => wanted.includes(key));
  const kind = query.get("query");
  const range = ranged(query, view.nowMs);
  const [qty, skip] = [wholeOf(query, "qty", { absent: QTY, min: 1, max: MAX_QTY }), wholeOf(query, "skip", { absent: 0, max: 1e9 })];
  if (range === undefined || qty === undefined || skip === undefined) return failed(400, "qty, skip, start_date or end_date is not valid");
  if (kind !== null) {
    const known = kinds.find((each) => each === kind);
    return known === undefined ? failed(400, `query ${kind} is not supported`) : queried(call, { kind: known, keys, range });
  }
  const order = /^asc/.test(query.get("ordination") ?? "") ? "ascending" : "descending";
  const merged = keys.flatMap((key) => view.some(device, key, { ...range, order }, skip + qty + 4));
  const sign = order === "ascending" ? 1 : -1;
  const { rows } = view.paged(merged.sort((a, b) => sign * (a.row.timeUs - b.row.timeUs)), { limit: qty, skip, newestFirst: order === "descending" && range.toMs > view.nowMs });
  return done(view.arranged(rows).map((row) => record(call, row)));
}

function record({ world, view }: Call, { row, value }: SeenRow): Record<string, unknown> {
  const { device, key, timeUs } = row;
  return {
    id: hex(`${world.seed}/record/${device.device}/${key.key}/${timeUs}`, 24),
    device: device.remote,
    variable: key.key,
    value: view.value(value),
    unit: key.unit === "L/s" ? "l/s" : key.unit,
    group: hex(`${world.seed}/group/${device.device}/${row.slot ?? timeUs}`, 24),
    time: view.time(timeUs),
  };
}

function queried(call: Call, { kind, keys, range }: { readonly kind: Kind; readonly keys: readonly SandboxKey[]; readonly range: Asked }): Reply {
  const { view } = call;
  if ((kind === "avg" || kind === "sum") && !range.hasStart) return failed(400, `${kind} needs a start_date`);
  if (kind.endsWith("_location")) return done([]);
  const device = call.caller.device;
  if (device === undefined) return failed(401, "Authorization denied");
  const found = keys.map((key) => ({ key, rows: () => view.some(device, key, { ...range, order: "ascending" }, MAX_QTY * 10) }));
  const numbers = (): readonly number[] => found.flatMap(({ rows }) => rows()).flatMap(({ value }) => (typeof value === "number" ? [value] : []));
  const one = (pick: (key: (typeof found)[number]) => SeenRow | undefined): Reply => done(view.arranged(found.flatMap((each) => pick(each) ?? [])).map((row) => record(call, row)));
  const extreme = (better: (a: number, b: number) => boolean): Reply =>
    one(({ rows }) => rows().filter(({ value }) => typeof value === "number").reduce<SeenRow | undefined>((best, row) => (best === undefined || better(Number(row.value), Number(best.value)) ? row : best), undefined));
  switch (kind) {
    case "last_value":
    case "last_item":
      return one(({ key }) => (range.bounded ? view.some(device, key, { ...range, order: "descending" }, 1)[0] : view.newest(device, key)));
    case "last_insert":
      return one(({ key }) => lastInserted(view.some(device, key, { fromMs: Math.max(range.fromMs, view.nowMs - LATE_MS), toMs: range.toMs, order: "ascending" }, MAX_QTY)));
    case "first_value":
    case "first_item":
    case "first_insert":
      return one(({ key }) => view.some(device, key, { ...range, order: "ascending" }, 1)[0]);
    case "min":
      return extreme((a, b) => a < b);
    case "max":
      return extreme((a, b) => a > b);
    case "count":
      return done(found.reduce((sum, { rows }) => sum + rows().length, 0));
    case "sum":
      return done(numbers().reduce((sum, value) => sum + value, 0));
    case "avg":
      return done(numbers().length === 0 ? null : numbers().reduce((sum, value) => sum + value, 0) / numbers().length);
    case "aggregate":
      return aggregated(call, numbersByTime(found.flatMap(({ rows }) => rows())));
    case "last_location":
    case "first_location":
      return done([]);
  }
}

/** The row that appeared last, whatever its time. */
function lastInserted(rows: readonly SeenRow[]): SeenRow | undefined {
  const appeared = ({ row, revision }: SeenRow): number => row.revisions[revision]?.visibleAtMs ?? 0;
  return rows.reduce<SeenRow | undefined>((last, row) => (last === undefined || appeared(row) >= appeared(last) ? row : last), undefined);
}

function numbersByTime(rows: readonly SeenRow[]): readonly { readonly timeMs: number; readonly value: number }[] {
  return rows.flatMap(({ row, value }) => (typeof value === "number" ? [{ timeMs: row.timeMs, value }] : []));
}

const spans: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function aggregated({ ask: { query }, view }: Call, values: readonly { readonly timeMs: number; readonly value: number }[]): Reply {
  const span = spans[query.get("interval") ?? ""];
  const name = query.get("function") ?? "";
  if (span === undefined || !["avg", "sum", "min", "max"].includes(name)) return failed(400, "aggregate needs an interval (minute, hour, day) and a function (avg, sum, min, max)");
  const buckets = Map.groupBy(values, ({ timeMs }) => Math.floor(timeMs / span));
  const fold = (list: readonly number[]): number => {
    const sum = list.reduce((a, b) => a + b, 0);
    return name === "avg" ? sum / list.length : name === "sum" ? sum : list.reduce((a, b) => (name === "min" ? Math.min(a, b) : Math.max(a, b)));
  };
  return done([...buckets].map(([bucket, list]) => ({ time: view.time(bucket * span * 1000), value: fold(list.map(({ value }) => value)) })));
}

/** TagoIO ("novus"): `/data` with the device's token, one-minute windows for each profile and route, 250 requests of a Free profile. */
export const tagoio: ProviderModel = {
  id: "tagoio",
  title: "TagoIO (Novus)",
  prefixes: ["novus", "tagoio"],
  limits: { text: "250:60", kind: "fixed", per: "account-and-route" },
  routes: [{ method: "GET", path: "/data", answer: data }],
  caller({ headers }, _, world) {
    const credential = headers["device-token"] ?? headers["authorization"] ?? "";
    const account = accountOf(world, "tagoio", () => true);
    const device = account?.devices.find(({ secrets }) => same(secrets["token"] ?? "", credential));
    return device === undefined ? { credential, account: undefined } : { credential, account, device };
  },
  denied: () => failed(401, "Authorization denied"),
  limited: (ms) => ({ ...failed(429, "You have exceeded the maximum number of requests"), headers: retryAfter(ms) }),
  failed,
};
