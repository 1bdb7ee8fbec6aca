import { CaudalError, formatInstant } from "@caudal/core";
import type { PageAsk, ProviderRequest } from "../provider.ts";
import { storagePage } from "./page.ts";
import type { ThingsStackSettings } from "./settings.ts";

const HISTORY_TIMEOUT_MS = 30_000;
/**
 * The storage filters by when the application server had a message, and its readings have the time at which the network did: some 200 ms before,
 * by another server's clock. So more is asked for at both ends than the window has; who polls knows what it has already.
 */
const EDGE_US = 10_000_000;

/** Stored uplinks of one device, oldest first; the newest message alone where no window is asked for. */
export function request({ settings, secrets, device, window, page: written }: PageAsk<ThingsStackSettings>): ProviderRequest {
  const key = device.secrets["apiKey"] ?? secrets["apiKey"];
  if (key === undefined) throw new CaudalError("setting", "the account has no secret named apiKey");
  const path = `/api/v3/as/applications/${encodeURIComponent(settings.application)}/devices/${encodeURIComponent(device.remote)}/packages/storage/uplink_message`;
  const query: [string, string][] = [];
  if (window === undefined) query.push(["limit", "1"], ["order", "-received_at"]);
  else {
    const page = storagePage(written);
    query.push(["limit", String(settings.limit)], ["order", "received_at"]);
    // `after` leaves its own instant out; the window does not.
    query.push(["after", formatInstant(page.afterUs ?? window.fromUs - 1 - EDGE_US)], ["before", formatInstant(window.toUs + EDGE_US)]);
    if (page.token !== undefined) query.push(["continuation_token", page.token]);
  }
  if (settings.fPort !== undefined) query.push(["f_port", String(settings.fPort)]);
  if (settings.fieldMask.length > 0) query.push(["field_mask", settings.fieldMask.join(",")]);
  return {
    method: "GET", path, query,
    headers: { accept: "text/event-stream", authorization: `Bearer ${key}` },
    ...(window === undefined ? {} : { timeoutMs: HISTORY_TIMEOUT_MS }),
  };
}
