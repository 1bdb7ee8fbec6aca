import type { FixtureAnswer } from "./measuring.ts";

interface FixtureFeed {
  readonly key: string;
  readonly point: string;
  readonly name: string;
  readonly variable: string;
  readonly unit: string;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
}

/** Feeds of the fixture's devices, as the API would keep them. */
export function createFeeds(nameOf: (point: string) => string | undefined): (method: string, path: string, body: Record<string, unknown>) => FixtureAnswer | undefined {
  const kept = new Map<string, FixtureFeed[]>();
  return (method, path, body) => {
    const device = /^\/api\/v1\/devices\/([^/]+\/[^/]+)\/feeds$/.exec(path)?.[1];
    if (device === undefined) return undefined;
    const before = kept.get(device) ?? [];
    if (method === "GET") return { status: 200, body: { items: before, next: null } };
    let after = before;
    for (const { key, point, variable = key, validFrom = null, removed } of (body["feeds"] ?? []) as (Partial<FixtureFeed> & { key: string; point: string; removed?: boolean })[]) {
      const name = nameOf(point);
      if (name === undefined) return { status: 400, body: { status: 400, code: "invalid-body", title: "The body is not valid", detail: `the client has no point ${point}` } };
      after = after.filter((feed) => feed.key !== key || feed.point !== point);
      if (removed !== true) after = [...after, { key, point, name, variable, unit: "kPa", validFrom, validUntil: null }];
    }
    kept.set(device, after);
    return { status: 200, body: { before: before.length, after: after.length, changed: true, dryRun: false } };
  };
}
