import { z } from "zod";
import type { PageAsk, ProviderRequest } from "../provider.ts";
import type { TagoioSettings } from "./settings.ts";
import { spansOf } from "./spans.ts";

const HISTORY_TIMEOUT_MS = 30_000;

/** Variables that an answer to several did not have room for; each is then asked for alone. */
export const missingSpec = z.object({ missing: z.array(z.string()).min(1) });

/** The variables that a page of the newest asks for. */
export function variablesOf(keys: readonly string[], page: unknown): readonly string[] {
  return page === undefined ? keys : missingSpec.parse(page).missing.slice(0, 1);
}

/** The newest of all variables, or a span of their history. */
export function request({ device, secrets, keys, window, page, settings }: PageAsk<TagoioSettings>): ProviderRequest {
  const token = device.secrets["token"] ?? secrets["token"] ?? "";
  const headers = { [settings.tokenHeader === "device" ? "Device-Token" : "Authorization"]: token };
  if (window === undefined) {
    const variables = variablesOf(keys, page);
    return { method: "GET", path: "/data", query: [...named(variables), ["query", "last_value"], ["qty", String(variables.length)]], headers };
  }
  const { current } = spansOf(page, window);
  const query: (readonly [string, string])[] = [
    // Its own default is 15 rows for all variables together.
    ...named(keys), ["qty", String(settings.pageLimit)], ["ordination", "ascending"],
    ["start_date", new Date(current.fromMs).toISOString()], ["end_date", new Date(current.toMs).toISOString()],
  ];
  if (current.skip > 0) query.push(["skip", String(current.skip)]);
  return { method: "GET", path: "/data", query, headers, timeoutMs: HISTORY_TIMEOUT_MS };
}

function named(variables: readonly string[]): readonly (readonly [string, string])[] {
  return variables.map((variable) => ["variables[]", variable] as const);
}
