import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { formatInstant, type Principal } from "@caudal/core";
import { createHealth, createHttpServer, createJobs, localPrincipal, type HttpServer, type Jobs } from "@caudal/runtime";
import type { Polling } from "../polling/polling.ts";
import { minutes, openPollingScene, rounds, type PollingScene } from "../test-parts/polling-scene.ts";
import { openScriptedServer, scriptedAccount, scriptedDevice, type ScriptedServer } from "../test-parts/scripted-provider.ts";
import { plainOperations } from "./plain-paths.ts";
import { providerOperations } from "./providers.ts";

const MINUTE_US = 60_000_000;
const START_US = 1_772_366_400_000_000;
const principals: Readonly<Record<string, Principal>> = {
  local: localPrincipal,
  beta: { name: "b", role: "operator", scope: { clients: ["beta"] } },
  viewer: { name: "v", role: "viewer", scope: { clients: ["acme"] } },
};

interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { items?: Record<string, unknown>[] };
}

describe("accounts at providers over HTTP", () => {
  let server: ScriptedServer;
  let scene: PollingScene;
  let polling: Polling;
  let http: HttpServer;
  let jobs: Jobs;

  const call = async (method: string, path: string, { as = "local", body }: { readonly as?: string; readonly body?: unknown } = {}): Promise<Called> => {
    const response = await fetch(`http://127.0.0.1:${http.address().port}${path}`, { method, headers: { "x-as": as, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Called["body"] };
  };

  before(async () => {
    server = await openScriptedServer();
    scene = await openPollingScene(START_US);
    for (const device of ["a", "b", "c"]) server.rows.set(device, [{ key: "level", timeUs: START_US - MINUTE_US, value: 1 }]);
    server.instead = (url) => (url.searchParams.get("device") === "b" ? { status: 404, body: "no such thing" } : undefined);
    const devices = ["a", "b", "c"].map((device) => scriptedDevice(device, { cadence: { kind: "every", ms: 600_000 }, ...(device === "c" ? { name: "Pozo de la señora C" } : {}) }));
    const tight = scriptedAccount(server, [scriptedDevice("t", { cadence: { kind: "every", ms: 1_200_000 } })], { id: "tight", client: "beta", overlapEveryMs: 0, overlapMs: 0, budget: [{ calls: 1, perMs: 600_000 }] });
    polling = await scene.polling([scriptedAccount(server, devices, { overlapEveryMs: 0, overlapMs: 0 }), tight]);
    jobs = createJobs({ clock: scene.clock, logger: scene.logger });
    const operations = providerOperations(() => ({ polling }), jobs);
    http = createHttpServer({
      host: "127.0.0.1", port: 0, operations: [...operations, ...plainOperations(operations)], health: createHealth(), metrics: scene.metrics, logger: scene.logger,
      authenticate: async (request) => principals[String(request.headers["x-as"] ?? "local")],
    });
    await http.start();
    await minutes(polling, scene.clock, 12);
  });
  after(async () => {
    await jobs.stop(1000);
    await http.stop(1000);
    await scene.close();
    await server.close();
  });

  test("the list: accounts, devices and state, of the caller's clients alone", async () => {
    const { body } = await call("GET", "/api/v1/providers");
    assert.deepEqual(body.items?.map(({ account, provider, client, devices, state, here }) => [account, provider, client, devices, state, here]), [["north", "scripted", "acme", 3, "polling", true], ["tight", "scripted", "beta", 1, "polling", true]]);
    assert.deepEqual((await call("GET", "/api/v1/providers", { as: "beta" })).body.items?.map(({ account }) => account), ["tight"]);
  });

  test("the scorecard by account, provider and alias; devices page by page", async () => {
    const { status, body } = await call("GET", "/api/v1/status/north?limit=2");
    assert.equal(status, 200);
    const [card] = body.items as Record<string, never>[];
    const { hour, neverSeen, late, ageMs, budget, outage } = card as unknown as { hour: { outcomes: Record<string, number>; calls: number }; neverSeen: number; late: number; ageMs: { p50: number }; budget: unknown[]; outage: unknown };
    assert.ok(hour.outcomes["config_error"]! >= 1 && hour.outcomes["ok"]! >= 2 && hour.calls >= 3, JSON.stringify(hour));
    assert.deepEqual([neverSeen, late, outage, budget.length], [1, 0, null, 1], "b was never seen: that is no age of zero");
    assert.equal(ageMs.p50, 13 * 60_000);
    const devices = body["devices"] as { items: { device: string; newest: string | null; troubles: { kind: string; detail: string }[] }[]; next: string | null };
    assert.deepEqual(devices.items.map(({ device, newest, troubles }) => [device, newest, troubles[0]?.kind]), [["a", "2026-03-01T11:59:00Z", undefined], ["b", null, "config_error"]]);
    const next = await call("GET", `/api/v1/status/north?limit=2&cursor=${encodeURIComponent(devices.next ?? "")}`);
    assert.deepEqual((next.body["devices"] as typeof devices).items.map(({ device }) => device), ["c"]);
    assert.equal((await call("GET", "/api/v1/status/script")).body.items?.length, 2);
    assert.equal((await call("GET", "/api/v1/status/nobody")).status, 404);
    assert.equal((await call("GET", "/api/v1/status/tight", { as: "viewer" })).status, 404, "what belongs to others is not there");
  });

  test("poll now: what came is durable when it is answered", async () => {
    server.rows.get("c")?.push({ key: "level", timeUs: START_US + MINUTE_US, value: 2 });
    const { status, body } = await call("POST", "/api/v1/collect/north?device=c");
    assert.equal(status, 200);
    assert.deepEqual(body.items?.map(({ account, device, rows }) => [account, device, (rows as { forward: number }).forward]), [["north", "c", 1]]);
    assert.ok((await scene.samples()).some(([device, , , value]) => device === "c" && value === 2));
    assert.deepEqual([...new Set((await scene.readings()).map(({ device, labels }) => `${device}: ${labels["name"] ?? "-"}`))].sort(), ["a: -", "c: Pozo de la señora C"]);
    assert.equal((await call("POST", "/api/v1/collect/north", { as: "viewer" })).status, 403);
    assert.equal((await call("POST", "/api/v1/collect/north?device=nobody")).status, 404);
  });

  test("429 with Retry-After when the budget would be exceeded: nothing is asked", async () => {
    await call("POST", "/api/v1/collect/tight");
    const asked = server.requests.length;
    const { status, headers } = await call("POST", "/api/v1/collect/tight");
    assert.deepEqual([status, headers.get("retry-after")], [429, "600"]);
    assert.equal(server.requests.length, asked);
  });

  test("the collector's own short paths answer the same", async () => {
    assert.deepEqual((await call("GET", "/providers", { as: "beta" })).body.items?.map(({ account }) => account), ["tight"]);
    assert.equal((await call("GET", "/status/tight")).body.items?.[0]?.["account"], "tight");
    assert.equal((await call("GET", "/status/tight", { as: "viewer" })).status, 404);
    assert.equal((await call("POST", "/collect/north?device=a")).status, 200);
    assert.equal((await call("POST", "/collect/north", { as: "viewer" })).status, 403);
    assert.equal((await call("GET", "/health")).status, 200);
  });

  test("a backfill is a job", async () => {
    const { status, body } = await call("POST", "/api/v1/collector/backfill", { body: { from: "2026-02-20", to: "2026-02-22", account: "north", device: "a" } });
    assert.equal(status, 202);
    let state = "running";
    for (let tries = 0; tries < 500 && state === "running"; tries += 1) {
      await scene.clock.advance(100);
      state = String((await call("GET", `/api/v1/collector/jobs/${String(body["id"])}`)).body["state"]);
    }
    assert.equal(state, "done");
    assert.equal((await call("POST", "/api/v1/collector/backfill", { body: { from: "2026-02-22", to: "2026-02-20" } })).status, 400);
    assert.equal((await call("POST", "/api/v1/collector/backfill", { body: { from: "yesterday", to: "2026-02-20" } })).status, 400);
  });

  test("another collector answers for an account that it does not hold, and does not ask in its place", async () => {
    await scene.clock.advance(40_000);
    await rounds(polling, scene.clock);
    const other = await scene.polling([...polling.accounts()], { holder: "other" });
    const first = polling;
    polling = other;
    try {
      const { body } = await call("GET", "/api/v1/status/north");
      assert.deepEqual(body.items?.map(({ here, state }) => [here, state]), [[false, "polling"]]);
      assert.equal((body["devices"] as { items: { newest: string | null }[] }).items[0]?.newest, "2026-03-01T11:59:00Z");
      assert.equal((await call("POST", "/api/v1/collect/north?device=a")).status, 409);
      assert.equal((await call("POST", "/api/v1/collector/backfill", { body: { from: "2026-02-20", to: "2026-02-22" } })).status, 409);
    } finally {
      polling = first;
    }
  });

  test("more devices than the budget lets out at once: some now, the rest as it does; meanwhile nobody asks again", async () => {
    const four = ["e", "f", "g", "h"].map((device) => scriptedDevice(device, { cadence: { kind: "every", ms: 7 * 86_400_000 } }));
    const leave = polling.join([scriptedAccount(server, four, { id: "narrow", client: "gamma", overlapEveryMs: 0, overlapMs: 0, budget: [{ calls: 3, perMs: 60_000 }] })]);
    const poller = polling.polls()!.pollers.at(-1)!;
    await poller.round();
    for (let second = 0; second < 300; second += 1) await scene.clock.advance(1000);
    await poller.settled();
    for (const device of ["e", "f", "g", "h"]) server.rows.set(device, [{ key: "level", timeUs: scene.clock.nowUs() - MINUTE_US, value: 5 }]);
    const asked = (): (string | null)[] => server.requests.map((url) => new URL(url, "http://127.0.0.1").searchParams.get("device")).filter((device) => "efgh".includes(device ?? "-"));
    const before = asked().length;
    const pressedUs = scene.clock.nowUs();
    const { status, body } = await call("POST", "/api/v1/collect/narrow");
    assert.equal(status, 202);
    const [{ job, ...queued } = {} as Record<string, unknown>] = body["queued"] as Record<string, unknown>[];
    assert.deepEqual(queued, { account: "narrow", devices: 4, devicesNow: 3, calls: 4, callsNow: 3, restBy: formatInstant(pressedUs + 61_000_000) });
    const again = await call("POST", "/api/v1/collect/narrow");
    assert.equal(again.status, 409);
    assert.match(String(again.body["detail"]), /narrow is being asked: \d of 4/);
    let state = "running";
    for (let tries = 0; tries < 500 && state === "running"; tries += 1) {
      if (asked().length - before === 3) assert.ok(scene.clock.nowUs() - pressedUs < 61_000_000);
      await scene.clock.advance(1000);
      state = String((await call("GET", `/api/v1/collector/jobs/${String(job)}`)).body["state"]);
    }
    assert.equal(state, "done");
    assert.deepEqual(asked().slice(before).sort(), ["e", "f", "g", "h"]);
    assert.ok(scene.clock.nowUs() - pressedUs >= 60_000_000, "the fourth waited for the window");
    for (const device of ["e", "h"]) assert.ok((await scene.samples()).some(([from, , , value]) => from === device && value === 5));
    for (let second = 0; second < 120; second += 1) await scene.clock.advance(1000);
    assert.equal((await call("POST", "/api/v1/collect/narrow?device=e")).status, 200, "one fits");
    await leave(1000);
  });
});
