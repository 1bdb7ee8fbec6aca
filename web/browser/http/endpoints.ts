import { withQuery, type QueryValue } from "./request.ts";

const id = encodeURIComponent;

/** Every path that the page asks; ids are escaped here and nowhere else. */
export const endpoints = {
  status: () => "/api/v1/status",
  session: () => "/api/v1/session",
  points: (query: { q?: string } = {}) => withQuery("/api/v1/points", { limit: 1000, ...query }),
  point: (point: string) => `/api/v1/points/${id(point)}`,
  pointConfig: (point: string) => `/api/v1/points/${id(point)}/config`,
  latest: () => withQuery("/api/v1/analytics/latest", { limit: 1000 }),
  latestOf: (points: readonly string[]) => withQuery("/api/v1/analytics/latest", { limit: 1000, points: points.join(",") }),
  history: (point: string, query: Readonly<Record<string, QueryValue>>) => withQuery(`/api/v1/analytics/points/${id(point)}/history`, query),
  completeness: (point: string, days: number) => withQuery("/api/v1/analytics/completeness", { points: point, days }),
  live: () => "/api/v1/live",
  variables: () => withQuery("/api/v1/variables", { limit: 1000 }),
  units: () => withQuery("/api/v1/units", { limit: 1000 }),
  readings: (device: string) => withQuery("/api/v1/readings", { device }),
  devices: (query: Readonly<Record<string, QueryValue>>) => withQuery("/api/v1/devices", { limit: 200, ...query }),
  adopt: (client: string, device: string) => `/api/v1/devices/${id(client)}/${id(device)}/adopt`,
  parked: (query: Readonly<Record<string, QueryValue>>) => withQuery("/api/v1/parked", { limit: 50, ...query }),
  parkedItem: (item: string) => `/api/v1/parked/${id(item)}`,
  replay: (item: string) => `/api/v1/parked/${id(item)}/replay`,
  discard: (item: string) => `/api/v1/parked/${id(item)}/discard`,
  replayAll: () => "/api/v1/parked/replay",
} as const;
