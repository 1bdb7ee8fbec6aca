import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { got, HOUR, MINUTE, NOON, opened, tdataToken, truthRows } from "../test-parts/opened.ts";

describe("TDATA as it is documented", () => {
  test("login gives a three-part token with its end, and nothing else opens it", async (context) => {
    const { account } = await opened(context);
    const { baseUrl, secrets } = account("tdata");
    const { status, json } = await got(`${baseUrl}/tdata/v1/login`, {}, secrets);
    assert.equal(status, 200);
    const [, claims = ""] = json.token.split(".");
    assert.equal(JSON.parse(Buffer.from(claims, "base64url").toString()).exp, NOON / 1000 + 3600);
    assert.equal((await got(`${baseUrl}/tdata/v1/login`, {}, { ...secrets, password: "wrong" })).status, 401);
    assert.equal((await got(`${baseUrl}/tdata/v1/login`, {}, { username: "nobody" })).status, 401);
  });

  test("the newest of each key with its own time, numbers as text, and {} for keys that it does not have", async (context) => {
    const { sandbox, account, device } = await opened(context);
    const { remote, device: name } = device("tdata");
    const headers = await tdataToken(account("tdata"));
    const { json } = await got(`${account("tdata").baseUrl}/telemetry/DEVICE/${remote}/values/timeseries?keys=5001,5003,9999`, headers);
    assert.deepEqual(Object.keys(json), ["5001", "5003"]);
    for (const key of ["5001", "5003"]) {
      const row = truthRows(sandbox, { device: name, key, fromMs: NOON - HOUR, toMs: NOON }).at(-1);
      assert.deepEqual(json[key], [{ ts: row?.ts, value: String(row?.value) }]);
    }
    assert.notEqual(json["5001"][0].ts, json["5003"][0].ts);
    assert.equal((await got(`${account("tdata").baseUrl}/telemetry/DEVICE/${remote}/values/timeseries?keys=9999`, headers)).text, "{}");
  });

  test("history: 100 of each key unless more are asked for, newest first or asc, pages by last ts + 1, both bases", async (context) => {
    const { sandbox, account, device } = await opened(context);
    const { remote, device: name } = device("tdata");
    const { baseUrl } = account("tdata");
    const headers = await tdataToken(account("tdata"));
    const url = `${baseUrl}/tdata/v1/telemetry/DEVICE/${remote}/values/timeseries?keys=5001&startTs=${NOON - 24 * HOUR}&endTs=${NOON}`;
    const plain = (await got(url, headers)).json["5001"] as { ts: number }[];
    assert.equal(plain.length, 100);
    assert.ok(plain.every(({ ts }, at) => at === 0 || ts < (plain[at - 1]?.ts ?? 0)));
    const found: number[] = [];
    for (let from = NOON - 24 * HOUR; ; ) {
      const page = (await got(`${baseUrl}/telemetry/DEVICE/${remote}/values/timeseries?keys=5001&startTs=${from}&endTs=${NOON}&asc=true&limit=50`, headers)).json["5001"] as { ts: number }[];
      found.push(...page.map(({ ts }) => ts));
      if (page.length < 50) break;
      from = (page.at(-1)?.ts ?? 0) + 1;
    }
    assert.deepEqual(found, truthRows(sandbox, { device: name, key: "5001", fromMs: NOON - 24 * HOUR, toMs: NOON }).map(({ ts }) => ts));
  });

  test("401 with errorCode 11 once the token has ended, 404 and 400 for devices that are not", async (context) => {
    const { account, device, clock } = await opened(context);
    const { baseUrl } = account("tdata");
    const headers = await tdataToken(account("tdata"));
    const url = (id: string): string => `${baseUrl}/telemetry/DEVICE/${id}/values/timeseries?keys=5001`;
    assert.equal((await got(url("TW-77777"), headers)).status, 404);
    assert.equal((await got(url("no%20id"), headers)).status, 400);
    assert.equal((await got(`${url(device("tdata").remote)}&startTs=1`, headers)).status, 400);
    assert.equal((await got(`${url(device("tdata").remote)}&startTs=x&endTs=5`, headers)).status, 400);
    const none = await got(url(device("tdata").remote));
    assert.deepEqual([none.status, none.json.errorCode], [401, 10]);
    clock.nowMs += HOUR;
    const old = await got(url(device("tdata").remote), headers);
    assert.deepEqual([old.status, old.json.errorCode], [401, 11]);
    assert.equal((await got(`${baseUrl}/elsewhere`)).status, 404);
    assert.equal((await got(`${baseUrl}/telemetry/DEVICE/${device("tdata").remote}/values/timeseries`, headers, {})).status, 405);
  });
});

describe("ThingsBoard's own dialect", () => {
  test("X-Authorization, refresh, orderBy, strict types, aggregates and the list of keys", async (context) => {
    const { sandbox, account, device, clock } = await opened(context);
    const { baseUrl, secrets } = account("thingsboard");
    const { remote, device: name } = device("thingsboard");
    const first = (await got(`${baseUrl}/api/auth/login`, {}, secrets)).json;
    const url = `${baseUrl}/api/plugins/telemetry/DEVICE/${remote}/values/timeseries?keys=flowRate&startTs=${NOON - HOUR}&endTs=${NOON}`;
    assert.equal((await got(url, { authorization: `Bearer ${first.token}` })).status, 401, "the header is X-Authorization");
    const headers = { "x-authorization": `Bearer ${first.token}` };
    const truth = truthRows(sandbox, { device: name, key: "flowRate", fromMs: NOON - HOUR, toMs: NOON });
    assert.deepEqual((await got(`${url}&orderBy=ASC&useStrictDataTypes=true`, headers)).json.flowRate, truth.map(({ ts, value }) => ({ ts, value })));
    assert.deepEqual((await got(url, headers)).json.flowRate, truth.toReversed().map(({ ts, value }) => ({ ts, value: String(value) })));
    const fold = async (agg: string) => (await got(`${url}&interval=${HOUR}&agg=${agg}&useStrictDataTypes=true`, headers)).json.flowRate[0];
    const values = truth.map(({ value }) => Number(value));
    assert.deepEqual(await fold("COUNT"), { ts: NOON - HOUR / 2, value: truth.length });
    assert.equal((await fold("MAX")).value, Math.max(...values));
    assert.equal((await fold("MIN")).value, Math.min(...values));
    assert.ok(Math.abs((await fold("AVG")).value * truth.length - (await fold("SUM")).value) < 1e-9);
    assert.deepEqual((await got(`${baseUrl}/api/plugins/telemetry/DEVICE/${remote}/keys/timeseries`, headers)).json, ["pulseCount", "totalVolume", "flowRate", "waterLevel"]);
    clock.nowMs += 9000_000;
    assert.equal((await got(url, headers)).json.errorCode, 11);
    const again = (await got(`${baseUrl}/api/auth/token`, {}, { refreshToken: first.refreshToken })).json;
    assert.equal((await got(url, { "x-authorization": `Bearer ${again.token}` })).status, 200);
    assert.equal((await got(`${baseUrl}/api/auth/token`, {}, { refreshToken: again.token })).status, 401, "an access token renews nothing");
    assert.equal((await got(`${baseUrl}/api/plugins/telemetry/DEVICE/7/values/timeseries`, { "x-authorization": `Bearer ${again.token}` })).status, 400);
    clock.nowMs += 8 * 24 * HOUR;
    assert.equal((await got(`${baseUrl}/api/auth/token`, {}, { refreshToken: first.refreshToken })).json.errorCode, 11);
    assert.equal((await got(`${baseUrl}/api/auth/login`, {}, { username: secrets["username"], password: "no" })).status, 401);
  });

  test("limits as requests:seconds, with 429 and Retry-After", async (context) => {
    const { sandbox, account, clock } = await opened(context, { limits: { thingsboard: "2:1,3:60" } });
    const { baseUrl, secrets } = account("thingsboard");
    const login = () => got(`${baseUrl}/api/auth/login`, {}, secrets);
    assert.deepEqual([(await login()).status, (await login()).status, (await login()).status], [200, 200, 429]);
    clock.nowMs += 1000;
    assert.equal((await login()).status, 200);
    clock.nowMs += 1000;
    const refused = await login();
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    clock.nowMs += MINUTE;
    assert.equal((await login()).status, 200);
    assert.deepEqual(sandbox.log.entries().filter(({ limit }) => limit?.exceeded).map(({ limit, status }) => [limit?.limit, status]), [["2:1", 429], ["3:60", 429]]);
  });
});
