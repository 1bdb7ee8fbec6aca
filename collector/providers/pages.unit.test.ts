import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ProviderRequest, TimedSample } from "./provider.ts";
import { findProvider } from "./providers.ts";
import { walkPages, type Server } from "./test-parts/walk.ts";

const FROM_MS = Date.UTC(2026, 2, 1, 9);
const SPAN_MS = 20_000;
const device = { device: "pozo", remote: "pozo", secrets: { token: "synthetic" } };

interface Stored {
  readonly key: string;
  readonly ms: number;
  readonly value: number;
}

/** Rows of few keys within few seconds: many share a second, some an instant. */
const series = (keys: readonly string[], onePerInstant: boolean): fc.Arbitrary<readonly Stored[]> =>
  fc.array(fc.record({ key: fc.constantFrom(...keys), ms: fc.oneof(fc.integer({ min: 0, max: SPAN_MS - 1 }), fc.integer({ min: 5000, max: 5040 })).map((ms) => FROM_MS + ms) }), { maxLength: 120 })
    .map((rows) => (onePerInstant ? [...new Map(rows.map((row) => [`${row.key} ${row.ms}`, row])).values()] : rows).map((row, value) => ({ ...row, value })));

const queryOf = ({ query = [] }: ProviderRequest): URLSearchParams => new URLSearchParams(query.map(([key, value]): [string, string] => [key, value]));
const numberOf = (query: URLSearchParams, name: string): number => Number(query.get(name) ?? NaN);
const name = (key: string, timeUs: number, value: unknown): string => `${key} ${timeUs} ${String(value)}`;
const names = (samples: readonly TimedSample[]): readonly string[] => samples.map(({ key, timeUs, value }) => name(key, timeUs, value)).sort();
const stored = (rows: readonly Stored[]): readonly string[] => rows.map(({ key, ms, value }) => name(key, ms * 1000, value)).sort();

function ask(provider: string, keys: readonly string[], pageLimit: number) {
  const row = findProvider(provider);
  assert.ok(row !== undefined);
  return { provider: row, ask: { settings: row.settings.parse({ pageLimit }), secrets: {}, device, keys, window: { fromUs: FROM_MS * 1000, toUs: (FROM_MS + SPAN_MS) * 1000 }, nowUs: (FROM_MS + 3_600_000) * 1000 } };
}

type Order = "asked" | "reversed" | "disorder";
const orders = fc.constantFrom<Order>("asked", "reversed", "disorder");

/** The rows that a page has, in the order that this server happens to give them. */
function arranged(rows: readonly Stored[], { order, limit, skip = 0, newestFirst }: { readonly order: Order; readonly limit: number; readonly skip?: number; readonly newestFirst: boolean }): readonly Stored[] {
  const descending = newestFirst !== (order === "reversed");
  const page = [...rows].sort((a, b) => (descending ? b.ms - a.ms : a.ms - b.ms)).slice(skip, skip + limit);
  return order === "disorder" ? page.filter((_, at) => at % 2 === 0).concat(page.filter((_, at) => at % 2 === 1)) : page;
}

function telemetryServer(rows: readonly Stored[], order: Order): Server {
  return (request) => {
    const query = queryOf(request);
    const [from, to, limit] = [numberOf(query, "startTs"), numberOf(query, "endTs"), numberOf(query, "limit")];
    return Object.fromEntries((query.get("keys") ?? "").split(",").map((key) => {
      const within = rows.filter((row) => row.key === key && row.ms >= from && row.ms < to);
      return [key, arranged(within, { order, limit, newestFirst: false }).map(({ ms, value }) => ({ ts: ms, value: String(value) }))];
    }));
  };
}

for (const provider of ["tdata", "thingsboard"]) {
  test(`trap 12: ${provider}: pages of several keys lose nothing and give nothing twice, in whatever order the server gives them`, () => {
    fc.assert(fc.property(series(["a", "b", "c"], true), fc.integer({ min: 10, max: 30 }), orders, (rows, limit, order) => {
      const made = ask(provider, ["a", "b", "c"], limit);
      assert.deepEqual(names(walkPages(made.provider, made.ask, telemetryServer(rows, order)).samples), stored(rows));
    }));
  });
}

test("trap 12: a server that keeps its own limit of 100 to itself loses nothing", () => {
  const rows = Array.from({ length: 450 }, (_, value) => ({ key: "a", ms: FROM_MS + value * 10, value }));
  const server = telemetryServer(rows, "asked");
  const capped: Server = (request, call) => server({ ...request, query: (request.query ?? []).map(([key, value]) => [key, key === "limit" ? "100" : value] as const) }, call);
  const made = ask("tdata", ["a"], 10_000);
  const { samples, calls } = walkPages(made.provider, made.ask, capped);
  assert.equal(samples.length, 450);
  assert.equal(calls, 5);
});

const compact = (text: string | null): number => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text ?? "") ?? []).slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

test("thethings-io: pages lose nothing and give nothing twice, though times are asked for in whole seconds and the end may belong to them or not", () => {
  fc.assert(fc.property(series(["a"], false), fc.integer({ min: 2, max: 12 }), fc.boolean(), fc.boolean(), (rows, limit, endBelongs, disorder) => {
    const made = ask("thethings-io", ["a"], limit);
    const server: Server = (request) => {
      const query = queryOf(request);
      const [from, to] = [compact(query.get("startDate")), compact(query.get("endDate"))];
      const within = rows.filter(({ ms }) => ms >= from && (endBelongs ? ms <= to : ms < to));
      return arranged(within, { order: disorder ? "disorder" : "asked", limit: numberOf(query, "limit"), newestFirst: true }).map(({ ms, value }) => ({ value, datetime: new Date(ms).toISOString() }));
    };
    assert.deepEqual(names(walkPages(made.provider, made.ask, server).samples), stored(rows));
  }));
});

test("trap 14: tagoio: pages lose nothing and give nothing twice, while rows arrive, whether dates belong to the range or not", () => {
  fc.assert(fc.property(series(["a", "b"], false), series(["a", "b"], false), fc.integer({ min: 2, max: 14 }), orders, fc.boolean(), (first, arriving, limit, order, exclusive) => {
    const made = ask("tagoio", ["a", "b"], limit);
    const there: Stored[] = [...first];
    const later = arriving.map((row) => ({ ...row, value: row.value + 1000 }));
    const server: Server = (request, call) => {
      const query = queryOf(request);
      assert.deepEqual(query.getAll("variables[]"), ["a", "b"]);
      // A few rows arrive with each call, at any time of the window.
      if (call > 1) there.push(...later.splice(0, 2));
      const [from, to, skip] = [Date.parse(query.get("start_date") ?? ""), Date.parse(query.get("end_date") ?? ""), Number(query.get("skip") ?? 0)];
      const within = there.filter(({ ms }) => (exclusive ? ms > from && ms < to : ms >= from && ms <= to));
      const counted = order === "asked" ? within : within.filter(({ ms }) => ms < FROM_MS + SPAN_MS);
      const page = arranged(counted, { order, limit: numberOf(query, "qty"), skip, newestFirst: false });
      return { status: true, result: page.map(({ key, ms, value }) => ({ id: `r${value}`, variable: key, value, time: new Date(ms).toISOString() })) };
    };
    // A window that begins before its first row: whether the start belongs to it is the watermark's concern.
    const window = { fromUs: (FROM_MS - 1) * 1000, toUs: (FROM_MS + SPAN_MS) * 1000 };
    const got = names(walkPages(made.provider, { ...made.ask, window }, server).samples);
    assert.equal(new Set(got).size, got.length, "nothing twice");
    const have = new Set(got);
    for (const row of stored(first)) assert.ok(have.has(row), `${row} is lost`);
  }));
});

test("a server that gives one page for ever is a bad answer, or ends", () => {
  for (const [provider, body] of [
    ["tdata", { a: Array.from({ length: 10 }, (_, at) => ({ ts: FROM_MS + at, value: 1 })) }],
    ["thethings-io", Array.from({ length: 10_000 }, (_, at) => ({ value: at, datetime: new Date(FROM_MS).toISOString() }))],
    ["tagoio", { status: true, result: Array.from({ length: 10 }, (_, at) => ({ id: at, variable: "a", value: at, time: new Date(FROM_MS + 5).toISOString() })) }],
  ] as const) {
    const made = ask(provider, ["a"], 10);
    assert.throws(() => walkPages(made.provider, made.ask, () => body), /bad_payload: .*no further/, provider);
  }
});
