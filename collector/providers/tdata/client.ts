import type { PageAsk, ProviderRequest } from "../provider.ts";
import { telemetryRequest } from "../thingsboard/telemetry-request.ts";
import type { TdataSettings } from "./settings.ts";

export function request(ask: PageAsk<TdataSettings>): ProviderRequest {
  return telemetryRequest(ask, { entityPath: "/tdata/v1/telemetry/DEVICE", ascending: ["asc", "true"], extra: [] });
}
