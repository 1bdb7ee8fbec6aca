import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { got, HOUR, MINUTE, NOON, opened, secretOf, truthRows } from "../test-parts/opened.ts";

describe("thethings.io", () => {
  test("the token in the path opens a thing; arrays are newest first, limited, and by date in both formats", async (context) => {
    const { sandbox, account, device } = await opened(context);
    const { baseUrl } = account("thethings-io");
    const thing = device("thethings-io");
    const url = `${baseUrl}/v2/things/${secretOf(thing, "token")}/resources`;
    const truth = truthRows(sandbox, { device: thing.device, key: "caudal", fromMs: NOON - HOUR, toMs: NOON + 1 }).toReversed();
    const written = truth.map(({ ts, value }) => ({ key: "caudal", value, datetime: new Date(ts).toISOString() }));
    assert.deepEqual((await got(`${url}/caudal?limit=1`)).json, written.slice(0, 1));
    assert.deepEqual((await got(`${url}/caudal?limit=500&startDate=20260301110000&endDate=20260301120000`)).json, written);
    assert.deepEqual((await got(`${url}/caudal?startDate=2026-03-01T11:00:00.000Z&endDate=2026-03-01T12:00:00.000Z`)).json, written);
    assert.equal((await got(`${url}/nothing`)).status, 404);
    assert.equal((await got(`${url}/caudal?limit=none`)).status, 400);
    assert.deepEqual((await got(url)).json.map(({ key }: { key: string }) => key), thing.keys.map(({ key }) => key));
    const bad = await got(`${baseUrl}/v2/things/sbx-nobody/resources/caudal`);
    assert.deepEqual([bad.status, bad.json.status, bad.json.code], [401, "error", "unauthorized"]);
    assert.deepEqual((await got(`${baseUrl}/v2/utils/date?thingToken=${secretOf(thing, "token")}`)).json, { datetime: "2026-03-01T12:00:00.000Z" });
    assert.ok(!JSON.stringify(sandbox.log.entries()).includes(secretOf(thing, "token")), "the log shows no token");
  });

  test("what is written is read, is true, and a second value for an instant is a revision", async (context) => {
    const { sandbox, account, device, clock } = await opened(context);
    const thing = device("thethings-io");
    const url = `${account("thethings-io").baseUrl}/v2/things/${secretOf(thing, "token")}`;
    assert.equal((await got(url, {}, { values: [{ key: "caudal", value: 7.5, datetime: "20260301115959" }, { key: "nivel", value: "alto" }] })).status, 201);
    clock.nowMs += 1000;
    assert.equal((await got(url, {}, { values: [{ key: "caudal", value: 8.5, datetime: "20260301115959" }] })).status, 201);
    assert.deepEqual((await got(`${url}/resources/caudal?startDate=20260301115959&endDate=20260301115959`)).json, [{ key: "caudal", value: 8.5, datetime: "2026-03-01T11:59:59.000Z" }]);
    const [row] = truthRows(sandbox, { device: thing.device, key: "caudal", fromMs: NOON - 1000, toMs: NOON });
    assert.deepEqual(row?.revisions.map(({ value }) => value), [7.5, 8.5]);
    for (const body of [{}, { values: [] }, { values: [{ key: "no", value: 1 }] }, { values: [{ key: "caudal", value: {} }] }, { values: [{ key: "caudal", value: 1, datetime: "soon" }] }]) assert.equal((await got(url, {}, body)).status, 400);
  });

  test("over its limit it says 403", async (context) => {
    const { account, device } = await opened(context, { limits: { "thethings-io": "1:60" } });
    const url = `${account("thethings-io").baseUrl}/v2/things/${secretOf(device("thethings-io"), "token")}/resources/caudal`;
    assert.equal((await got(url)).status, 200);
    const refused = await got(url);
    assert.equal(refused.status, 403);
    assert.match(refused.json.message, /too many/);
  });
});

describe("The Things Stack's storage", () => {
  const base = (url: string): string => `${url}/api/v3/as/applications/riego-demo`;
  const lines = (text: string) => text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));

  test("one document a line with blank lines between; after, before, last, limit, order, field mask, port", async (context) => {
    const { sandbox, account, device } = await opened(context);
    const { baseUrl, secrets } = account("things-stack");
    const headers = { authorization: `Bearer ${secrets["apiKey"]}` };
    const { remote, device: name } = device("things-stack");
    const url = `${base(baseUrl)}/devices/${remote}/packages/storage/uplink_message`;
    const all = await got(`${url}?after=2026-03-01T11:00:00Z&before=2026-03-01T12:00:00Z`, headers);
    assert.equal(all.json, undefined, "not one JSON document");
    assert.ok(all.text.includes("\n\n"));
    const truth = truthRows(sandbox, { device: name, key: "level_m", fromMs: NOON - HOUR, toMs: NOON });
    const found = lines(all.text).map(({ result }) => result);
    assert.deepEqual(found.map(({ uplink_message }) => uplink_message.decoded_payload.level_m), truth.map(({ value }) => value));
    assert.deepEqual(found.map(({ uplink_message }) => uplink_message.received_at), truth.map(({ timeUs }) => `${new Date(timeUs / 1000).toISOString().slice(0, -1)}${String(timeUs % 1000).padStart(3, "0")}000Z`));
    const newest = lines((await got(`${url}?order=-received_at&limit=1&last=30m&field_mask=up.uplink_message.decoded_payload`, headers)).text);
    assert.deepEqual(Object.keys(newest[0].result.uplink_message), ["decoded_payload"]);
    assert.equal(newest[0].result.received_at, found.at(-1)?.received_at);
    assert.equal((await got(`${url}?f_port=9`, headers)).text, "");
    assert.equal((await got(`${base(baseUrl)}/packages/storage/join_accept`, headers)).text, "");
    const several = lines((await got(`${base(baseUrl)}/packages/storage/uplink_message?last=30m`, headers)).text).map(({ result }) => result);
    assert.ok(new Set(several.map(({ end_device_ids }) => end_device_ids.device_id)).size > 1);
    assert.deepEqual(several.map(({ received_at }) => received_at), several.map(({ received_at }) => received_at).sort());
    assert.deepEqual((await got(`${url}/count?last=1h`, headers)).json, { count: String(found.length) });
  });

  test("a continuation token goes on where a page ended, whatever else is asked", async (context) => {
    const { account, device } = await opened(context);
    const { baseUrl, secrets } = account("things-stack");
    const headers = { authorization: `Bearer ${secrets["apiKey"]}` };
    const url = `${base(baseUrl)}/devices/${device("things-stack").remote}/packages/storage/uplink_message`;
    const whole = lines((await got(`${url}?last=2h`, headers)).text);
    const paged: unknown[] = [];
    let token: string | null = "";
    do {
      const page: Awaited<ReturnType<typeof got>> = await got(token === "" ? `${url}?last=2h&limit=10` : `${url}?continuation_token=${token}&limit=9999`, headers);
      paged.push(...lines(page.text));
      token = page.headers.get("x-continuation-token");
    } while (token !== null);
    assert.deepEqual(paged, whole);
    assert.equal((await got(`${url}?continuation_token=nonsense`, headers)).status, 400);
  });

  test("retention, rate headers, gRPC errors, and a frame counter that is left out at 0", async (context) => {
    const { account, device, clock } = await opened(context, { retentionMs: HOUR, limits: { "things-stack": "5:60" } });
    const { baseUrl, secrets } = account("things-stack");
    const headers = { authorization: `Bearer ${secrets["apiKey"]}` };
    const { remote, everyMs } = device("things-stack");
    const url = `${base(baseUrl)}/devices/${remote}/packages/storage/uplink_message`;
    // The slot whose number is a multiple of 2^16 begins the counter again.
    clock.nowMs = Math.ceil(NOON / everyMs / 65_536) * 65_536 * everyMs + 10 * MINUTE;
    const kept = await got(`${url}?last=5h`, headers);
    const counters = lines(kept.text).map(({ result }) => result.uplink_message.f_cnt);
    assert.equal(counters.length, HOUR / everyMs);
    assert.ok(counters.includes(undefined) && counters.includes(65_535) && counters.includes(1));
    assert.deepEqual([kept.headers.get("x-ratelimit-limit"), kept.headers.get("x-ratelimit-available")], ["5", "4"]);
    for (const [path, status, code] of [["after=2026-03-01T00:00:00Z&last=1h", 400, 3], ["order=time", 400, 3], ["last=soon", 400, 3]] as const) {
      const failed = await got(`${url}?${path}`, headers);
      assert.deepEqual([failed.status, failed.json.code], [status, code]);
      assert.equal(failed.json.details[0].namespace, "pkg/applicationserver");
    }
    const statuses = [(await got(url.replace(remote, "nobody"), headers)).json.code, (await got(url, headers)).json.code, (await got(url)).json.code, (await got(url, { authorization: "Bearer NNSXS.NO" })).json.code];
    assert.deepEqual(statuses, [5, 8, 16, 7]);
  });
});
