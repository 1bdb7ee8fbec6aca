import { withQuery, type QueryValue } from "./request.ts";

const id = encodeURIComponent;
const COMPLIANCE = "/api/v1/compliance";

/** A work as its path names it. */
export interface WorkPath {
  readonly regulator: string;
  readonly code: string;
}

function workPath({ regulator, code }: WorkPath): string {
  return `${id(regulator)}/${id(code)}`;
}

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
  balance: (point: string, query: Readonly<Record<string, QueryValue>>) => withQuery(`/api/v1/analytics/points/${id(point)}/balance`, query),
  live: () => "/api/v1/live",
  pointChanges: (point: string) => withQuery(`/api/v1/points/${id(point)}/changes`, { limit: 50 }),
  corrections: (point: string, query: Readonly<Record<string, QueryValue>> = {}) => withQuery(`/api/v1/points/${id(point)}/corrections`, query),
  revisions: (point: string, at: string, variable?: string) => withQuery(`/api/v1/analytics/points/${id(point)}/revisions`, { at, variable }),
  decisions: (query: Readonly<Record<string, QueryValue>>) => withQuery("/api/v1/totaliser/decisions", { limit: 50, ...query }),
  decision: (decision: string) => `/api/v1/totaliser/decisions/${id(decision)}`,
  verdict: (decision: string) => `/api/v1/totaliser/decisions/${id(decision)}/verdict`,
  openDecisions: () => "/api/v1/totaliser/open",
  recounts: (point: string) => withQuery("/api/v1/totaliser/recounts", { point }),
  settingRows: () => "/api/v1/variables/settings",
  variables: () => withQuery("/api/v1/variables", { limit: 1000 }),
  units: () => withQuery("/api/v1/units", { limit: 1000 }),
  readings: (device: string) => withQuery("/api/v1/readings", { device }),
  devices: (query: Readonly<Record<string, QueryValue>>) => withQuery("/api/v1/devices", { limit: 200, ...query }),
  adopt: (client: string, device: string) => `/api/v1/devices/${id(client)}/${id(device)}/adopt`,
  feeds: (client: string, device: string) => `/api/v1/devices/${id(client)}/${id(device)}/feeds`,
  parked: (query: Readonly<Record<string, QueryValue>>) => withQuery("/api/v1/parked", { limit: 50, ...query }),
  parkedItem: (item: string) => `/api/v1/parked/${id(item)}`,
  replay: (item: string) => `/api/v1/parked/${id(item)}/replay`,
  discard: (item: string) => `/api/v1/parked/${id(item)}/discard`,
  replayAll: () => "/api/v1/parked/replay",
  refusedDevices: () => withQuery("/api/v1/devices/refused", { limit: 50 }),
  providers: () => "/api/v1/providers",
  providerStatus: (account: string, query: { limit: number; cursor?: string | null }) => withQuery(`/api/v1/status/${id(account)}`, query),
  complianceStatus: (query: Readonly<Record<string, QueryValue>> = {}) => withQuery(`${COMPLIANCE}/status`, { limit: 1000, ...query }),
  obra: (work: WorkPath) => `${COMPLIANCE}/obras/${workPath(work)}`,
  putObra: (work: WorkPath, dryRun: boolean) => withQuery(`${COMPLIANCE}/obras/${workPath(work)}`, { dryRun: dryRun ? "true" : null }),
  obrasExport: () => `${COMPLIANCE}/obras/export`,
  obrasImport: (query: { readonly dryRun: boolean; readonly reason?: string }) => withQuery(`${COMPLIANCE}/obras/import`, { ...query, dryRun: String(query.dryRun) }),
  certificates: (work: WorkPath) => withQuery(`${COMPLIANCE}/obras/${workPath(work)}/certificates`, { limit: 50 }),
  certificate: (work: WorkPath, certificate: string, query: Readonly<Record<string, QueryValue>> = {}) => withQuery(`${COMPLIANCE}/obras/${workPath(work)}/certificates/${id(certificate)}`, query),
  credentials: () => withQuery(`${COMPLIANCE}/credentials`, { limit: 50 }),
  credential: (regulator: string, user: string) => `${COMPLIANCE}/credentials/${id(regulator)}/${id(user)}`,
  obraVersions: (work: WorkPath) => `${COMPLIANCE}/obras/${workPath(work)}/versions`,
  slots: (work: WorkPath, query: Readonly<Record<string, QueryValue>>) => withQuery(`${COMPLIANCE}/obras/${workPath(work)}/slots`, { limit: 1000, ...query }),
  ledger: (work: WorkPath, query: Readonly<Record<string, QueryValue>> = {}) => withQuery(`${COMPLIANCE}/obras/${workPath(work)}/ledger`, { limit: 50, ...query }),
  stopWork: (work: WorkPath, act: "stop" | "resume") => `${COMPLIANCE}/obras/${workPath(work)}/${act}`,
  writeOff: (work: WorkPath, slot: string) => `${COMPLIANCE}/obras/${workPath(work)}/slots/${id(slot)}/write-off`,
  review: (query: Readonly<Record<string, QueryValue>> = {}) => withQuery(`${COMPLIANCE}/review`, { limit: 25, ...query }),
  reviewed: (work: WorkPath, slot: string) => `${COMPLIANCE}/review/${workPath(work)}/${id(slot)}`,
  edit: (work: WorkPath, slot: string, answer?: "approve" | "decline") => `${COMPLIANCE}/review/${workPath(work)}/${id(slot)}/edit${answer === undefined ? "" : `/${answer}`}`,
  plan: () => `${COMPLIANCE}/plan`,
  sending: () => `${COMPLIANCE}/sending`,
  report: (kind: string, query: Readonly<Record<string, QueryValue>>) => withQuery(`${COMPLIANCE}/reports/${kind}`, query),
  evidence: (query: Readonly<Record<string, QueryValue>>) => withQuery(`${COMPLIANCE}/evidence`, query),
  collect: (account: string, device?: string) => withQuery(`/api/v1/collect/${id(account)}`, { device }),
} as const;
