import type { PageAsk, ProviderRequest } from "../provider.ts";
import type { ThingsboardSettings } from "./settings.ts";
import { telemetryRequest } from "./telemetry-request.ts";

export function request(ask: PageAsk<ThingsboardSettings>): ProviderRequest {
  return telemetryRequest(ask, {
    entityPath: `/api/plugins/telemetry/${ask.settings.entityType}`,
    ascending: ["orderBy", "ASC"],
    extra: ask.settings.strictTypes ? [["useStrictDataTypes", "true"]] : [],
  });
}
