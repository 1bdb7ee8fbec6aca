import type { SandboxDevice, SandboxKey } from "../fleet/device.ts";
import type { SeenRow } from "../series/row.ts";
import { keyOf, remoteDevice } from "./world.ts";
import { json, type Call, type Reply } from "./provider.ts";
import { listOf, wholeOf } from "./query.ts";

const LIMIT = 100;
const MAX_LIMIT = 100_000;
const FAR_MS = 8.64e15;
const aggregations = ["MIN", "MAX", "AVG", "SUM", "COUNT", "NONE"] as const;

/** What is different between ThingsBoard and TDATA. */
export interface TelemetryDialect {
  readonly ascending: (query: URLSearchParams) => boolean;
  readonly strict: (query: URLSearchParams) => boolean;
  readonly aggregates: boolean;
  readonly failed: (status: number, message: string) => Reply;
  readonly deviceId: RegExp;
}

type Point = { readonly ts: number; readonly value: unknown };

/** `GET …/telemetry/DEVICE/{device}/values/timeseries`: an object of arrays, newest first, 100 of each key unless more are asked for. */
export function timeseries(call: Call, dialect: TelemetryDialect): Reply {
  const { ask: { query }, params: { device: remote = "" }, caller: { account }, view } = call;
  if (!dialect.deviceId.test(remote)) return dialect.failed(400, "Invalid device id");
  const device = remoteDevice(account, remote);
  if (device === undefined) return dialect.failed(404, "Device not found");
  const written = listOf(query, "keys");
  const keys = written.length === 0 ? device.keys : written.flatMap((key) => keyOf(device, key) ?? []);
  const [startTs, endTs] = [wholeOf(query, "startTs", { absent: -1, max: FAR_MS }), wholeOf(query, "endTs", { absent: -1, max: FAR_MS })];
  const limit = wholeOf(query, "limit", { absent: LIMIT, min: 1, max: MAX_LIMIT });
  if (startTs === undefined || endTs === undefined || limit === undefined) return dialect.failed(400, "startTs, endTs and limit are whole numbers");
  if ((startTs === -1) !== (endTs === -1)) return dialect.failed(400, "startTs and endTs go together");
  const write = (row: SeenRow): Point => ({ ts: row.row.timeMs, value: dialect.strict(query) ? view.value(row.value) : String(row.value) });
  const answered = keys.filter((key) => !view.leavesOut(key)).map((key) => {
    if (startTs === -1) return [key.key, view.arranged([view.newest(device, key)].filter((row) => row !== undefined)).map(write)] as const;
    const bucket = dialect.aggregates ? aggregated(call, { device, key, startTs, endTs, limit }) : undefined;
    if (bucket !== undefined) return [key.key, bucket.map(({ ts, value }) => ({ ts, value: dialect.strict(query) ? value : String(value) }))] as const;
    const { rows } = view.rows(device, key, { fromMs: startTs, toMs: endTs, order: dialect.ascending(query) ? "ascending" : "descending" }, { limit });
    return [key.key, view.arranged(rows).map(write)] as const;
  });
  return json(200, Object.fromEntries(answered));
}

function aggregated({ ask: { query }, view }: Call, of: { device: SandboxDevice; key: SandboxKey; startTs: number; endTs: number; limit: number }): readonly Point[] | undefined {
  const agg = aggregations.find((each) => each === query.get("agg")) ?? "NONE";
  const interval = wholeOf(query, "interval", { absent: 0, max: FAR_MS }) ?? 0;
  if (agg === "NONE" || interval === 0) return undefined;
  const { rows } = view.rows(of.device, of.key, { fromMs: of.startTs, toMs: of.endTs, order: "ascending" }, { limit: MAX_LIMIT });
  const buckets = Map.groupBy(rows.filter(({ value }) => typeof value === "number"), ({ row }) => Math.floor((row.timeMs - of.startTs) / interval));
  return [...buckets].slice(0, of.limit).map(([bucket, list]) => ({ ts: Math.floor(of.startTs + (bucket + 0.5) * interval), value: folded(agg, list.map(({ value }) => Number(value))) }));
}

function folded(agg: "MIN" | "MAX" | "AVG" | "SUM" | "COUNT", values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  switch (agg) {
    case "MIN":
      return values.reduce((a, b) => Math.min(a, b));
    case "MAX":
      return values.reduce((a, b) => Math.max(a, b));
    case "AVG":
      return sum / values.length;
    case "SUM":
      return sum;
    case "COUNT":
      return values.length;
  }
}
