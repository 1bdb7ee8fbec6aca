import type { ProviderId } from "../fleet/device.ts";

/** How a collector that asks JSON services by configuration alone is told about the three that have no adapter of their own. */
export const blocks: Readonly<Partial<Record<ProviderId, Readonly<Record<string, unknown>>>>> = {
  wiseconn: {
    auth: { kind: "header", name: "api_key", secretRef: "apiKey" },
    history: { path: "/measures/{variable}/data", query: { initTime: "{from}", endTime: "{to}" }, newest: "2h" },
    samples: "$[*]",
    map: { value: "$.value", time: { path: "$.time", format: "local:yyyy-MM-dd HH:mm:ss", zone: "America/Santiago" } },
  },
  ubidots: {
    auth: { kind: "header", name: "X-Auth-Token", secretRef: "token" },
    request: { path: "/api/v1.6/devices/{device}/{variable}/values", query: { page_size: 1 } },
    history: { path: "/api/v1.6/devices/{device}/{variable}/values", query: { start: "{from}", end: "{to}", page_size: "{limit}", page: "{page}" }, time: { format: "epoch-ms" }, limit: 500, paging: { kind: "page", first: 1 } },
    samples: "$.results[*]",
    map: { value: "$.value", time: { path: "$.timestamp", format: "epoch-ms" } },
  },
  hidronet: {
    auth: { kind: "oauth2", path: "/oauth/token", clientIdRef: "clientId", clientSecretRef: "clientSecret", credentials: "form" },
    history: { path: "/v1/stations/{device}/readings", query: { variables: "{variables}", since: "{from}", until: "{to}", pageSize: "{limit}", cursor: "{page}" }, newest: "2h", limit: 500, paging: { kind: "token", next: "$.paging.nextCursor" } },
    samples: "$.data[*]",
    map: { variable: "$.variable", value: "$.reading.val", unit: "$.unit", time: { path: "$.reading.at", format: "iso", zone: "UTC" } },
  },
};
