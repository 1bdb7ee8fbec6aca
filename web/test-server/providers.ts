/** Accounts at providers in every state that a page shows, as the API would give them. */
const HOUR_MS = 3_600_000;

interface FixtureAccount {
  readonly account: string;
  readonly devices: number;
  readonly state: string;
  readonly here: boolean;
}

const accounts: readonly FixtureAccount[] = [
  { account: "riego-tdata", devices: 130, state: "polling", here: true }, { account: "riego-tagoio", devices: 2, state: "away", here: true },
  { account: "riego-nettra", devices: 1, state: "polling", here: false }, { account: "riego-lora", devices: 1, state: "standby", here: false },
];

const noRows = { forward: 0, corrected: 0, late: 0, repeated: 0, stale: 0, refused: 0 };
const noOutcomes = { ok: 0, no_data: 0, stale: 0, auth_failed: 0, config_error: 0, rate_limited: 0, request_failed: 0, bad_payload: 0 };

function listed({ account, devices, state, here }: FixtureAccount, nowMs: number) {
  const at = (ms: number) => new Date(nowMs + ms).toISOString();
  return {
    account, provider: account.slice(6), title: account.slice(6).toUpperCase(), client: "riego-sur", devices, state, here,
    outage: state === "away" ? { kind: "auth_failed", detail: "POST api.example.test/login answered 401", since: at(-2 * HOUR_MS), retryAt: at(90_000) } : null,
    budget: state === "standby" ? [] : [{ calls: 5, perMs: 1000, used: 5 }, { calls: 300, perMs: 60_000, used: 42 }],
  };
}

function device(account: string, at: number, nowMs: number) {
  const isWrong = at === 100;
  const newest = isWrong ? null : new Date(nowMs - at * 60_000).toISOString();
  const troubles = isWrong ? [{ keys: ["flow"], kind: "config_error", detail: "404: no such device", at: new Date(nowMs - 60_000).toISOString(), misconfiguredSince: new Date(nowMs - HOUR_MS).toISOString() }] : [];
  return { account, device: `pozo-${String(at).padStart(3, "0")}`, newest, ageMs: newest === null ? null : at * 60_000, periodMs: 600_000, late: at > 20, live: at === 1, keys: [], troubles };
}

function status(account: FixtureAccount, nowMs: number) {
  const score = (times: number) => ({ outcomes: { ...noOutcomes, ok: 55 * times, stale: 12 * times, request_failed: 3 * times, config_error: times, rate_limited: times }, rows: { ...noRows, forward: 410 * times, corrected: 2 * times, late: times }, calls: 70 * times, filled: 9 });
  const card = {
    ...listed(account, nowMs), at: new Date(nowMs - 5_000).toISOString(), hour: score(1), day: score(24), delayMs: { p50: 42_000, p95: 600_000 }, ageMs: { p50: 300_000, p95: 7_200_000 },
    neverSeen: 1, late: 3, misconfigured: 1, gaps: Array.from({ length: 12 }, (_, at) => ({ device: "pozo-002", keys: ["flow"], from: new Date(nowMs - (at + 2) * HOUR_MS).toISOString(), to: new Date(nowMs - (at + 1) * HOUR_MS).toISOString() })),
  };
  return { items: [card], devices: { items: Array.from({ length: account.devices }, (_, at) => device(account.account, at, nowMs)), next: null } };
}

/** What the API answers of providers and refused devices; undefined for any other path. */
export function providersAnswer(path: string, nowMs: number): { status: number; body: unknown; headers?: Record<string, string> } | undefined {
  if (path === "/api/v1/providers") {
    const problems = [{ account: "riego-novus", device: null, line: 41, detail: "the secret token (env:NOVUS_TOKEN) has no value: set it" }, { account: "riego-tdata", device: "pozo-999", line: 12, detail: "the secret key (file:/run/secrets/k) has no value" }];
    return { status: 200, body: { items: accounts.map((account) => listed(account, nowMs)), problems } };
  }
  if (path === "/api/v1/devices/refused") {
    return { status: 200, body: { items: [{ client: "los-aromos", device: "W-99", reason: "identity", detail: "the certificate is W-07's", source: "caudal/los-aromos/W-99/readings", transport: "mqtt", first: new Date(nowMs - HOUR_MS).toISOString(), last: new Date(nowMs - 60_000).toISOString() }], next: null } };
  }
  const [, what, name] = /^\/api\/v1\/(status|collect)\/([^/]+)$/.exec(path) ?? [];
  const account = accounts.find((candidate) => candidate.account === name);
  if (account === undefined) return undefined;
  if (what === "status") return { status: 200, body: status(account, nowMs) };
  if (!account.here) return { status: 409, body: { type: "/problems/in-use", title: "In use", status: 409, code: "in-use", detail: `another collector asks for ${account.account}` } };
  return { status: 429, headers: { "retry-after": "60" }, body: { type: "/problems/too-many-requests", title: "Too many requests", status: 429, code: "too-many-requests", detail: "2 calls, where 5 of 5 every 1000 ms are used" } };
}
