import type { PageAsk, ProviderRequest } from "../provider.ts";
import { pageOf } from "./history-page.ts";
import type { ThethingsSettings } from "./settings.ts";

const HISTORY_TIMEOUT_MS = 15_000;

/** One key of one thing. The thing's token is part of the path: the whole URL is a secret. */
export function request({ device, secrets, keys, window, page, settings }: PageAsk<ThethingsSettings>): ProviderRequest {
  const path = `/v2/things/${encodeURIComponent(device.secrets["token"] ?? secrets["token"] ?? "")}/resources/${encodeURIComponent(keys[0] ?? "")}`;
  if (window === undefined) return { method: "GET", path, query: [["limit", "1"]] };
  const { endS, limit } = pageOf(page, window, settings.pageLimit);
  return {
    method: "GET",
    path,
    query: [["limit", String(limit)], ["startDate", compactUtc(Math.floor(window.fromUs / 1e6))], ["endDate", compactUtc(endS)]],
    timeoutMs: HISTORY_TIMEOUT_MS,
  };
}

/** YYYYMMDDHHmmss in UTC. */
function compactUtc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, "");
}
