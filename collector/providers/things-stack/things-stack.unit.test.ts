import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { liveContext } from "../../decode/decode-context.ts";
import { formats } from "../../decode/formats.ts";
import type { Answer, PageAsk } from "../provider.ts";
import type { ThingsStackSettings } from "./settings.ts";
import { thingsStack } from "./things-stack.ts";

const NOW_US = Date.UTC(2026, 2, 1, 13) * 1000;
const settings = thingsStack.settings.parse({ application: "riego-demo", limit: 3 });
const answer = (body: string, status = 200): Answer => ({ status, headers: {}, body: Buffer.from(body) });
const ask = (page?: unknown): PageAsk<ThingsStackSettings> => ({
  settings, secrets: { apiKey: "k" }, device: { device: "d", remote: "d", secrets: {} }, keys: [], window: { fromUs: NOW_US - 3600e6, toUs: NOW_US }, page, nowUs: NOW_US,
});
const at = (us: number): string => new Date(us / 1000).toISOString();
const message = (us: number, payload: object = { pulses: us % 1000 }, extra: object = {}): object => ({
  end_device_ids: { device_id: "d", dev_eui: "70B3D57ED0001234" }, received_at: at(us + 200_000), uplink_message: { f_cnt: 1, f_port: 2, decoded_payload: payload, received_at: at(us) }, ...extra,
});
const line = (row: object): string => `${JSON.stringify({ result: row })}\n\n`;

test("trap 13: a gap filled by history has the same keys, values and times as by MQTT", () => {
  const row = message(NOW_US - 60e6, { pulses: 0, water: { level: 1.5 }, battery_v: 3.58, ok: true });
  const [byMqtt] = formats["things-stack-v3"](Buffer.from(JSON.stringify(row)), liveContext(NOW_US));
  const stored = thingsStack.normalise(answer(line(row)), ask());
  assert.ok(byMqtt?.kind === "reading" && stored.kind === "ok");
  assert.deepEqual(stored.samples, byMqtt.samples);
  assert.deepEqual(stored.labels, byMqtt.labels);
});

test("what a window's edges have is asked for although the storage filters by a later instant: each row is in the answer to its own window", () => {
  const edges = [NOW_US - 3600e6, NOW_US - 1800e6, NOW_US];
  // Received up to some seconds later than measured, and by a clock that is a little behind.
  const rows = edges.flatMap((edge) => [-300e3, -100e3, 0, 100e3].flatMap((by) => [200e3, 3e6, -1e6].map((travelUs) => ({ us: edge + by, receivedUs: edge + by + travelUs }))));
  for (const [fromUs, toUs] of [[edges[0]!, edges[1]!], [edges[1]!, edges[2]!]] as const) {
    const query = new Map(thingsStack.request({ ...ask(), window: { fromUs, toUs } }).query);
    for (const { us, receivedUs } of rows.filter((row) => row.us >= fromUs && row.us < toUs)) {
      assert.ok(receivedUs > Date.parse(query.get("after")!) * 1000 && receivedUs < Date.parse(query.get("before")!) * 1000, `${us} received ${receivedUs}`);
    }
  }
});

test("pages get every message, simulated ones apart, and end", () => {
  const received = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.boolean()), { maxLength: 25 });
  fc.assert(fc.property(received, (list) => {
    const rows = [...new Map(list)].sort(([a], [b]) => a - b).map(([second, simulated]) => ({ us: NOW_US - second * 1e6, simulated }));
    const seen = new Map<number, boolean>();
    let page: unknown;
    for (let calls = 0; ; calls++) {
      assert.ok(calls < 100);
      const query = new Map(thingsStack.request(ask(page)).query);
      const afterUs = Date.parse(query.get("after") ?? "") * 1000;
      const body = rows.toSorted((a, b) => a.us - b.us).filter(({ us }) => us + 200_000 > afterUs).slice(0, 3).map(({ us, simulated }) => line(message(us, { pulses: 1 }, simulated ? { simulated } : {}))).join("");
      const said = thingsStack.normalise(answer(body), ask(page));
      assert.ok(said.kind === "ok" || said.kind === "no_data", JSON.stringify(said));
      if (said.kind === "ok") for (const { timeUs } of said.samples) seen.set(timeUs, said.labels?.["simulated"] === "true");
      if (said.next === undefined) break;
      page = JSON.parse(JSON.stringify(said.next));
    }
    assert.deepEqual([...seen].sort(([a], [b]) => a - b), rows.map(({ us, simulated }) => [us, simulated] as const).sort(([a], [b]) => a - b));
  }), { numRuns: 60 });
});

test("fuzz: whatever the stream, nothing is thrown and no number comes that it does not hold", () => {
  const base = line(message(NOW_US - 60e6, { pulses: 48213, battery_v: 3.58 })) + line(message(NOW_US - 30e6, { pulses: 48214 }));
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.tuple(fc.nat(base.length), fc.constantFrom("", "9", "\n", "}", "null", "\"", "error", "-"))), fc.anything(), (change, page) => {
    const text = typeof change === "string" ? change : base.slice(0, change[0]) + change[1] + base.slice(change[0] + 1);
    const said = thingsStack.normalise(answer(text), ask(page));
    if (said.kind !== "ok") return;
    for (const { value, timeUs } of said.samples) {
      assert.ok(Number.isSafeInteger(timeUs));
      if (typeof value === "number") assert.ok(text.includes(String(value)) || text.includes(value.toExponential()), `${value} in ${text}`);
    }
  }), { numRuns: 1000 });
});

test("a rate limit behind another status, and pages beyond the bound", () => {
  assert.equal(thingsStack.classify?.(answer('{"code":8}', 503))?.kind, "rate_limited");
  assert.equal(thingsStack.classify?.(answer('{"code":5}', 404)), undefined);
  const full = [1, 2, 3].map((second) => line(message(NOW_US - second * 1e6))).join("");
  assert.equal(thingsStack.normalise(answer(full), { ...ask({ n: 1 }), settings: { ...settings, maxPages: 2 } }).kind, "config_error");
  assert.throws(() => thingsStack.request({ ...ask(), secrets: {} }), /apiKey/);
  assert.equal(thingsStack.baseUrl(settings), "https://au1.cloud.thethings.network");
});
