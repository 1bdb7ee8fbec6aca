import type { SandboxAccount, SandboxDevice, SandboxKey } from "../fleet/device.ts";
import { json, retryAfter, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { same } from "./tokens.ts";
import { instantText, parseTime, SANTIAGO, wallMs } from "./time-text.ts";
import { accountOf } from "./world.ts";

const FARM = "301";
const MAX_ROWS = 10_000;
const MAX_SPAN_MS = 366 * 86_400_000;

function failed(status: number, message: string): Reply {
  return json(status, { error: message });
}

function found(account: SandboxAccount | undefined, measure: string): { readonly device: SandboxDevice; readonly key: SandboxKey } | undefined {
  for (const device of account?.devices ?? []) {
    const key = device.keys.find((each) => each.key === measure);
    if (key !== undefined) return { device, key };
  }
  return undefined;
}

/** `2026-03-01 09:00:04`: digits of the farm's own clock, without a zone. */
function local(timeMs: number): string {
  return instantText(wallMs(timeMs, SANTIAGO) * 1000, 0).slice(0, -1).replace("T", " ");
}

function measures({ caller: { account }, params, view }: Call): Reply {
  const device = account?.devices.find(({ remote }) => remote === params["zone"]);
  if (device === undefined) return failed(404, "zone not found");
  const list = device.keys.map((key) => {
    const row = view.newest(device, key);
    if (row !== undefined) view.give(row);
    return { id: key.key, name: key.quantity, unit: key.unit, lastData: row === undefined ? null : view.value(row.value), lastDataDate: row === undefined ? null : local(row.row.timeMs) };
  });
  return json(200, list);
}

function points({ caller: { account }, params, ask: { query }, view }: Call): Reply {
  const of = found(account, params["measure"] ?? "");
  if (of === undefined) return failed(404, "measure not found");
  const [init, end] = [query.get("initTime"), query.get("endTime")];
  const [fromMs, toMs] = [init === null ? undefined : parseTime(init, SANTIAGO), end === null ? view.nowMs : parseTime(end, SANTIAGO)];
  if (fromMs === undefined || toMs === undefined) return failed(400, "initTime and endTime are dates");
  if (toMs - fromMs > MAX_SPAN_MS) return failed(400, "more than a year asked for");
  const rows = view.some(of.device, of.key, { fromMs, toMs: toMs + 1, order: "ascending" }, MAX_ROWS);
  return json(200, view.arranged(rows).map(({ row, value }) => ({ time: local(row.timeMs), value: view.value(value) })));
}

const nothing = ({ params }: Call): Reply => (params["farm"] === FARM ? json(200, []) : failed(404, "farm not found"));

/** WiseConn: `api_key` in a header, zones of a farm, and measures whose times are the farm's own clock. */
export const wiseconn: ProviderModel = {
  id: "wiseconn",
  title: "WiseConn",
  prefixes: ["wiseconn"],
  limits: { text: "10:1,300:60", kind: "bucket", per: "account" },
  routes: [
    { method: "GET", path: "/farms", answer: () => json(200, [{ id: Number(FARM), name: "Fundo Demo", timeZone: SANTIAGO }]) },
    {
      method: "GET",
      path: "/farms/{farm}/zones",
      answer: ({ params, caller: { account } }) => (params["farm"] === FARM ? json(200, (account?.devices ?? []).map(({ remote, device, kind }) => ({ id: Number(remote), name: device, type: [kind], farmId: Number(FARM) }))) : failed(404, "farm not found")),
    },
    { method: "GET", path: "/farms/{farm}/irrigations", answer: nothing },
    { method: "GET", path: "/farms/{farm}/realIrrigations", answer: nothing },
    { method: "GET", path: "/zones/{zone}/measures", answer: measures },
    { method: "GET", path: "/measures/{measure}/data", answer: points },
  ],
  caller({ headers }, _, world) {
    const credential = headers["api_key"] ?? "";
    return { credential, account: accountOf(world, "wiseconn", ({ secrets }) => same(secrets["apiKey"] ?? "", credential)) };
  },
  denied: () => failed(401, "invalid api_key"),
  limited: (ms) => ({ ...failed(429, "too many requests"), headers: retryAfter(ms) }),
  failed,
};
