import { hex } from "../seed/hash.ts";
import { json, retryAfter, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { same } from "./tokens.ts";
import { accountOf, remoteDevice } from "./world.ts";
import { APPLICATION, askedOf, type StorageAsk } from "./things-stack-ask.ts";
import { uplinks, written, type Uplink } from "./things-stack-uplink.ts";

const types = ["uplink_message", "uplink_normalized", "join_accept", "downlink_ack", "downlink_nack", "downlink_sent", "downlink_failed", "downlink_queued", "location_solved", "service_data"];
const grpc: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14 };

function failed(status: number, message: string): Reply {
  return json(status, problem(status, message));
}

function problem(status: number, message: string): Record<string, unknown> {
  const name = message.toLowerCase().replaceAll(/[^a-z]+/g, "_");
  const detail = { "@type": "type.googleapis.com/ttn.lorawan.v3.ErrorDetails", "namespace": "pkg/applicationserver", name, "message_format": message, "attributes": {}, "correlation_id": hex(message, 32) };
  return { code: grpc[status] ?? 2, message: `error:pkg/applicationserver:${name} (${message})`, details: [detail] };
}

function storage(call: Call): Reply {
  const asked = storageAsk(call);
  if ("status" in asked) return asked;
  const { view, world } = call;
  if (asked.type !== "uplink_message" || view.shows("empty")) return { status: 200, body: { text: "", type: "text/event-stream" } };
  const merged = asked.devices.flatMap((device) => [...uplinks(call, device, asked)]);
  if (asked.devices.length > 1) merged.sort((a, b) => (asked.ascending ? 1 : -1) * (a.receivedUs - b.receivedUs));
  const { rows, more } = view.paged(merged, { limit: asked.limit, skip: asked.skip, newestFirst: !asked.ascending });
  const lines = inOrder(call, rows).map((uplink) => JSON.stringify({ result: written(call, uplink, asked.fields) }));
  if (view.shows("error-line")) lines.splice(Math.floor(lines.length / 2), 0, JSON.stringify({ error: problem(503, "upstream unavailable") }));
  const token = more ? Buffer.from(JSON.stringify({ ...asked.again, skip: asked.skip + asked.limit })).toString("base64url") : undefined;
  return {
    status: 200,
    headers: { ...(token === undefined ? {} : { "x-continuation-token": token }), ...(world.retentionMs > 0 ? {} : { "x-warning": "storage is off" }) },
    body: { text: lines.map((line) => `${line}\n\n`).join(""), type: "text/event-stream" },
  };
}

/** Duplicates and disorder are of whole messages here. */
function inOrder({ view }: Call, list: readonly Uplink[]): readonly Uplink[] {
  let uplinks = [...list];
  if (uplinks.length > 0 && view.shows("duplicates")) uplinks = uplinks.flatMap((uplink, at) => (at === 0 || view.chance(`twice/${at}`) < 0.3 ? [uplink, uplink] : [uplink]));
  if (uplinks.length > 1 && view.shows("out-of-order")) uplinks = uplinks.map((uplink, at) => ({ uplink, at: view.chance(`order/${at}`) })).sort((a, b) => a.at - b.at).map(({ uplink }) => uplink);
  for (const uplink of uplinks) for (const row of uplink.rows) view.give(row);
  return uplinks;
}

function count(call: Call): Reply {
  const asked = storageAsk(call);
  if ("status" in asked) return asked;
  const found = asked.type === "uplink_message" ? asked.devices.reduce((sum, device) => sum + [...uplinks(call, device, { ...asked, limit: Infinity, skip: 0 })].length, 0) : 0;
  return json(200, { count: String(found) });
}

function storageAsk(call: Call): StorageAsk | Reply {
  const { params, caller: { account }, view, world, ask } = call;
  const { application, device: remote, type = "" } = params;
  if (application !== APPLICATION) return failed(404, "application not found");
  if (!types.includes(type)) return failed(400, "unknown message type");
  const device = remote === undefined ? undefined : remoteDevice(account, remote);
  if (remote !== undefined && device === undefined) return failed(404, "end device not found");
  const devices = device === undefined ? (account?.devices ?? []) : [device];
  const asked = askedOf(ask.query, { type, devices, nowMs: view.nowMs, retentionMs: world.retentionMs });
  return typeof asked === "string" ? failed(400, asked) : asked;
}

const base = "/api/v3/as/applications/{application}";

/** The Things Stack v3: its Storage Integration. One JSON document a line, with blank lines between, each a `result` or an `error`. */
export const thingsStack: ProviderModel = {
  id: "things-stack",
  title: "The Things Stack",
  prefixes: ["things-stack", "ttn"],
  limits: { text: "20:1,600:60", kind: "bucket", per: "account" },
  routes: [
    { method: "GET", path: `${base}/packages/storage/{type}`, answer: storage },
    { method: "GET", path: `${base}/devices/{device}/packages/storage/{type}`, answer: storage },
    { method: "GET", path: `${base}/packages/storage/{type}/count`, answer: count },
    { method: "GET", path: `${base}/devices/{device}/packages/storage/{type}/count`, answer: count },
  ],
  caller({ headers }, _, world) {
    const [, credential = ""] = /^Bearer (.+)$/.exec(headers["authorization"] ?? "") ?? [];
    return { credential, account: accountOf(world, "things-stack", ({ secrets }) => same(secrets["apiKey"] ?? "", credential)) };
  },
  denied: ({ credential }) => (credential === "" ? failed(401, "unauthenticated") : failed(403, "no application rights")),
  limitHeaders: ({ limit, used }, nowMs) => {
    const [requests = "0", seconds = "0"] = limit.split(":");
    return { "x-ratelimit-limit": requests, "x-ratelimit-available": String(Math.max(0, Number(requests) - used)), "x-ratelimit-reset": String(Math.ceil(nowMs / 1000) + Number(seconds)) };
  },
  limited(ms) {
    const reply = failed(429, "rate of requests exceeded the limit");
    return { ...reply, headers: { ...retryAfter(ms), "x-ratelimit-retry": String(Math.max(1, Math.ceil(ms / 1000))) } };
  },
  failed,
};
