import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startFixtureServer, type FixtureServer } from "../../test-server/fixture-server.ts";
import { csvHref, firstReadingMs, loadHistory, resolveSpan } from "../history/load.ts";
import { createApi, isAbort, type Api } from "../http/request.ts";
import type { Stream } from "../live/connection.ts";
import { loadSpark, sparkVariable } from "../points/spark-source.ts";
import { ApiProblem } from "../wire/problem.ts";
import { readPoint, type Point } from "../wire/point.ts";
import { createPreferences } from "./preferences.ts";
import { createShell, type ShellOptions } from "./shell.ts";

const texts = { en: { "page.points": "Points" }, es: { "page.points": "Puntos" } };

/** The browser's EventSource, by hand: Node has none. */
class HandStream implements Stream {
  readyState = 1;
  readonly listeners = new Map<string, (event: { data?: unknown }) => void>();
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.readyState = 2;
  }
}

function options(server: FixtureServer, more: Partial<ShellOptions> = {}) {
  const streams: HandStream[] = [];
  const pushed: string[] = [];
  const kept = new Map<string, string>();
  let cookie = "";
  const shell = createShell({
    baseUrl: server.url, preferredLanguages: ["es-CL"], localNowMs: () => Date.now(), place: { route: { page: "points" }, search: "" },
    history: { push: (href) => pushed.push(href), replace: (href) => pushed.push(`replace ${href}`) },
    preferences: createPreferences(() => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) })),
    openStream: () => {
      const stream = new HandStream();
      streams.push(stream);
      return stream;
    },
    fetch: async (input, init) => {
      const response = await fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), ...(cookie === "" ? {} : { cookie }) } });
      const set = response.headers.get("set-cookie");
      if (set !== null) cookie = set.includes("Max-Age=0") ? "" : (set.split(";")[0] ?? "");
      return response;
    },
    ...more,
  });
  return { shell, streams, pushed, kept };
}

async function until(what: () => boolean): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!what()) {
    assert.ok(Date.now() < deadline, "did not come true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the shell against a server", () => {
  let server: FixtureServer;
  before(async () => {
    server = await startFixtureServer({ texts, liveEveryMs: 0 });
  });
  after(() => server.stop());

  test("starts with texts, session, points, their latest values and a live stream", async () => {
    const { shell, streams } = options(server);
    await shell.start();
    assert.equal(shell.words.get().texts["page.points"], "Puntos");
    assert.equal(shell.session.get().state, "signed-in");
    assert.equal(shell.directory.state.get().points.length, server.points.length);
    assert.ok((shell.book.get("pt_apr")?.values.size ?? 0) > 2);
    assert.equal(shell.status.get()?.version, "0.1.0");
    streams[0]?.listeners.get("open")?.({});
    assert.equal(shell.connection.get(), "live");
    shell.stop();
    assert.equal(streams[0]?.readyState, 2);
  });

  test("live measurements reach the book and listeners, an unknown point is asked for", async () => {
    const { shell, streams } = options(server);
    await shell.start();
    const batches: string[][] = [];
    const stop = shell.listen((batch) => batches.push(batch.map((measurement) => measurement.point)));
    server.points.push({ ...(server.points[0] ?? assert.fail("no point")), id: "pt_new", name: "Nuevo" });
    const event = (point: string, value: number) => JSON.stringify({ point, client: "demo", time: new Date(Date.now() + 60_000).toISOString(), values: [{ variable: "flow", unit: "L/s", value, flag: 1, reasons: [] }] });
    for (const data of [event("pt_apr", 77), event("pt_new", 5), "no measurement"]) streams[0]?.listeners.get("measurement")?.({ data });
    await until(() => batches.length === 1 && shell.directory.state.get().points.some((point) => point.id === "pt_new"));
    assert.deepEqual(batches, [["pt_apr", "pt_new"]]);
    assert.equal(shell.book.get("pt_apr")?.values.get("flow")?.value, 77);
    stop();
    const calls = server.calls.length;
    streams[0]?.listeners.get("reset")?.({});
    await until(() => server.calls.length >= calls + 2 && !shell.directory.state.get().loading);
    assert.equal(shell.resets.get(), 1);
    shell.stop();
  });

  test("a switch of language and theme is remembered, a move is written into the history", async () => {
    const { shell, kept, pushed } = options(server);
    await shell.start();
    await shell.setLanguage("en");
    shell.setTheme("dark");
    assert.equal(shell.words.get().texts["page.points"], "Points");
    assert.deepEqual([...kept].sort(), [["caudal.language", "en"], ["caudal.theme", "dark"]]);
    shell.setTheme("system");
    assert.equal(kept.has("caudal.theme"), false);
    shell.navigate("/points/pt_apr?range=7d");
    shell.navigate("/parked", "replace");
    assert.deepEqual(pushed, ["/points/pt_apr?range=7d", "replace /parked"]);
    assert.deepEqual(shell.place.get(), { route: { page: "parked" }, search: "" });
    shell.stop();
  });

  test("points are asked once, an unknown one is a problem with a next step", async () => {
    const { shell } = options(server);
    await shell.start();
    assert.equal((await shell.directory.point("pt_apr")).device, "W-07");
    await assert.rejects(shell.directory.point("pt_none"), (error: unknown) => error instanceof ApiProblem && error.status === 404 && error.next !== "");
    shell.directory.meet(["pt_none"]);
    shell.directory.meet(["a", "b", "c", "d", "e", "f"].map((id) => `pt_${id}_unknown`));
    await until(() => !shell.directory.state.get().loading);
    shell.stop();
  });

  test("a server that is gone is a failed session, and a retry finds it again", async () => {
    let down = true;
    const { shell } = options(server, {
      fetch: (input, init) => (down && input.includes("/api/") ? Promise.reject(new TypeError("failed")) : fetch(input, init)),
    });
    await shell.start();
    assert.equal(shell.session.get().state, "failed");
    await shell.directory.load();
    assert.ok(shell.directory.state.get().error instanceof ApiProblem);
    down = false;
    await shell.retry();
    assert.equal(shell.session.get().state, "signed-in");
    assert.equal(shell.directory.state.get().error, null);
    shell.stop();
  });
});

test("where a token is needed nothing is loaded until it was right, and signing out ends it", async () => {
  const server = await startFixtureServer({ texts, token: "caudal-test-token", liveEveryMs: 0 });
  try {
    const { shell, streams } = options(server);
    await shell.start();
    assert.equal(shell.session.get().state, "signed-out");
    assert.equal(streams.length, 0);
    await assert.rejects(shell.signIn("wrong"), (error: unknown) => error instanceof ApiProblem && error.status === 401);
    await shell.signIn("caudal-test-token");
    assert.equal(shell.session.get().state, "signed-in");
    assert.ok(shell.directory.state.get().points.length > 5);
    await shell.signOut();
    assert.equal(shell.session.get().state, "signed-out");
    assert.equal(streams[0]?.readyState, 2);
  } finally {
    await server.stop();
  }
});

describe("histories", () => {
  let server: FixtureServer;
  let api: Api;
  let point: Point;
  const signal = new AbortController().signal;
  before(async () => {
    server = await startFixtureServer({ texts, liveEveryMs: 0 });
    api = createApi({ baseUrl: server.url, fetch, language: () => "en", onUnauthorized: () => undefined });
    point = readPoint(await api.call("/api/v1/points/pt_apr")) ?? assert.fail("no point");
  });
  after(() => server.stop());

  test("a history holds the cells of each variable", async () => {
    const nowMs = Date.now();
    const history = await loadHistory(api, point, { span: { fromMs: nowMs - 3_600_000, toMs: nowMs }, resolution: "raw", zone: "UTC" }, signal);
    assert.deepEqual([...history.cells.keys()], ["flow", "total", "depth", "battery"]);
    assert.ok((history.cells.get("flow")?.length ?? 0) > 40);
    assert.equal(history.truncated, false);
  });

  test("all begins at the first reading, found in two small questions", async () => {
    const nowMs = Date.now();
    const first = await firstReadingMs(api, "pt_apr", nowMs, signal);
    assert.ok(first !== null && nowMs - first > 50 * 86_400_000 && nowMs - first < 62 * 86_400_000);
    const span = await resolveSpan(api, { kind: "all" }, { points: ["pt_apr", "pt_logan"], nowMs, signal });
    assert.ok(span.fromMs <= first);
    assert.equal((await resolveSpan(api, { kind: "last", preset: "1h" }, { points: ["pt_apr"], nowMs, signal })).toMs, nowMs);
  });

  test("a small chart shows quarters of hours, of a silent point nothing", async () => {
    const variable = sparkVariable(point) ?? assert.fail("no variable");
    const data = await loadSpark(api, { point: point.id, variable, nowMs: Date.now(), signal });
    assert.equal(data.raw, false);
    assert.ok(data.cells.length > 30);
    const silent = readPoint(server.points.find((row) => row.id === "pt_home8")) ?? assert.fail("no point");
    assert.equal((await loadSpark(api, { point: silent.id, variable: sparkVariable(silent) ?? assert.fail("no variable"), nowMs: Date.now(), signal })).cells.length, 0);
  });

  test("the CSV link asks the same", () => {
    const href = csvHref("pt_apr", { span: { fromMs: 0, toMs: 60_000 }, resolution: "1h", zone: "UTC", variables: ["flow", "total"] });
    assert.equal(href, "/api/v1/analytics/points/pt_apr/history?from=1970-01-01T00%3A00%3A00.000Z&to=1970-01-01T00%3A01%3A00.000Z&resolution=1h&tz=UTC&variables=flow%2Ctotal&format=csv");
  });

  test("lists are followed to their end or to what is wanted, a given up request is no problem", async () => {
    const pages: number[] = [];
    const read = (item: unknown) => readPoint(item);
    const whole = await api.all("/api/v1/points", read, { most: 100, onPage: (page) => pages.push(page.items.length) });
    assert.deepEqual([whole.items.length, whole.more, pages.length], [server.points.length, false, 1]);
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(api.call("/api/v1/points", { signal: controller.signal }), (error: unknown) => isAbort(error));
  });
});
