import type { PageAsk, ProviderRequest } from "../provider.ts";
import { spansOf } from "./spans.ts";

/** Where relatives of ThingsBoard differ in how they are asked. */
export interface TelemetryDialect {
  /** What stands before `/{device}/values/timeseries`. */
  readonly entityPath: string;
  /** Asks for the oldest first. */
  readonly ascending: readonly [name: string, value: string];
  /** Sent with every call. */
  readonly extra: readonly (readonly [name: string, value: string])[];
}

const HISTORY_TIMEOUT_MS = 30_000;

/** The newest values of all keys, or one span of their history. */
export function telemetryRequest({ device, keys, window, page, settings }: PageAsk<{ readonly pageLimit: number }>, { entityPath, ascending, extra }: TelemetryDialect): ProviderRequest {
  const path = `${entityPath}/${encodeURIComponent(device.remote)}/values/timeseries`;
  if (window === undefined) return { method: "GET", path, query: [["keys", keys.join(",")], ...extra] };
  const [span] = spansOf(page, window, keys);
  return {
    method: "GET",
    path,
    query: [
      ["keys", span.keys.join(",")], ["startTs", String(span.fromMs)], ["endTs", String(span.toMs)],
      // Its own default is 100 rows a key, and nothing in the answer says that there were more.
      ["limit", String(settings.pageLimit)], ascending, ...extra,
    ],
    timeoutMs: HISTORY_TIMEOUT_MS,
  };
}
