import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { got, HOUR, NOON, opened, truthRows } from "../test-parts/opened.ts";

describe("WiseConn", () => {
  test("farms, zones, measures; points in the farm's own clock, asked for in it or in UTC", async (context) => {
    const { sandbox, account, device } = await opened(context, { limits: { wiseconn: "" } });
    const { baseUrl, secrets } = account("wiseconn");
    const headers = { api_key: secrets["apiKey"] ?? "" };
    const well = device("wiseconn");
    const [farm] = (await got(`${baseUrl}/farms`, headers)).json;
    assert.equal(farm.timeZone, "America/Santiago");
    const zones = (await got(`${baseUrl}/farms/${farm.id}/zones`, headers)).json;
    assert.ok(zones.some(({ id }: { id: number }) => String(id) === well.remote));
    const measures = (await got(`${baseUrl}/zones/${well.remote}/measures`, headers)).json;
    assert.deepEqual(measures.map(({ id }: { id: string }) => id), well.keys.map(({ key }) => key));
    const flow = well.keys.find(({ quantity }) => quantity === "flow")?.key ?? "";
    const truth = truthRows(sandbox, { device: well.device, key: flow, fromMs: NOON - HOUR, toMs: NOON });
    const points = (await got(`${baseUrl}/measures/${flow}/data?initTime=2026/03/01 08:00&endTime=2026-03-01 09:00:00`, headers)).json;
    // Santiago's summer: three hours behind UTC.
    assert.deepEqual(points, truth.map(({ ts, value }) => ({ time: new Date(ts - 3 * HOUR).toISOString().slice(0, 19).replace("T", " "), value })));
    assert.deepEqual((await got(`${baseUrl}/measures/${flow}/data?initTime=2026-03-01T11:00:00.000000Z&endTime=2026-03-01T12:00:00Z`, headers)).json, points);
    for (const path of ["irrigations", "realIrrigations"]) assert.deepEqual((await got(`${baseUrl}/farms/${farm.id}/${path}`, headers)).json, []);
    const statuses = await Promise.all([`/farms/9/zones`, `/farms/9/irrigations`, `/zones/9/measures`, `/measures/9/data`, `/measures/${flow}/data`, `/measures/${flow}/data?initTime=2020-01-01`].map((path) => got(baseUrl + path, headers)));
    assert.deepEqual(statuses.map(({ status }) => status), [404, 404, 404, 404, 400, 400]);
    assert.equal((await got(`${baseUrl}/farms`)).status, 401);
  });

  test("the night on which an hour comes twice: the same text for two instants", async (context) => {
    const { account, device, clock } = await opened(context);
    clock.nowMs = Date.UTC(2026, 3, 5, 6);
    const { baseUrl, secrets } = account("wiseconn");
    const flow = device("wiseconn").keys[2]?.key ?? "";
    const points: { time: string }[] = (await got(`${baseUrl}/measures/${flow}/data?initTime=2026-04-05T02:00:00Z&endTime=2026-04-05T03:59:59Z`, { api_key: secrets["apiKey"] ?? "" })).json;
    assert.equal(points.length, 24);
    assert.ok(points.every(({ time }) => /^2026-04-04 23:/.test(time)), "23:xx twice, and no other hour");
  });
});

describe("Ubidots", () => {
  test("pages with a link to the next, /lv as a bare number, and milliseconds", async (context) => {
    const { sandbox, account, device, clock } = await opened(context);
    const { baseUrl, secrets } = account("ubidots");
    const headers = { "x-auth-token": secrets["token"] ?? "" };
    const well = device("ubidots");
    const url = `${baseUrl}/api/v1.6/devices/${well.remote}/flow-rate`;
    const truth = truthRows(sandbox, { device: well.device, key: "flow-rate", fromMs: NOON - 2 * HOUR, toMs: NOON }).toReversed();
    const found: unknown[] = [];
    for (let next: string | null = `${url}/values?start=${NOON - 2 * HOUR}&end=${NOON - 1}&page_size=10`; next !== null; clock.nowMs += 1000) {
      const { json } = await got(next, headers);
      found.push(...json.results.map(({ timestamp, value }: { timestamp: number; value: number }) => [timestamp, value]));
      next = json.next;
    }
    assert.deepEqual(found, truth.map(({ ts, value }) => [ts, value]));
    assert.match((await got(`${url}/lv`, headers)).text, /^\d+(\.\d+)?$/);
    assert.deepEqual([(await got(`${baseUrl}/api/v1.6/devices/none/flow-rate/lv`, headers)).status, (await got(`${url}s/values`, headers)).status, (await got(`${url}/values?page=0`, headers)).status], [404, 404, 400]);
    clock.nowMs += 1000;
    assert.equal((await got(`${url}/lv`)).status, 401);
  });

  test("four requests a second, then 429 with Retry-After", async (context) => {
    const { account, device } = await opened(context);
    const { baseUrl, secrets } = account("ubidots");
    const url = `${baseUrl}/api/v1.6/devices/${device("ubidots").remote}/flow-rate/lv`;
    const answers = [];
    for (let count = 0; count < 5; count++) answers.push(await got(url, { "x-auth-token": secrets["token"] ?? "" }));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 429]);
    assert.equal(answers[4]?.headers.get("retry-after"), "1");
  });
});

describe("Hidronet", () => {
  test("OAuth 2 client credentials by form or Basic, pages by cursor, tokens that end", async (context) => {
    const { sandbox, account, device, clock } = await opened(context, { limits: { hidronet: "" } });
    const { baseUrl, secrets } = account("hidronet");
    const { clientId = "", clientSecret = "" } = secrets;
    const grant = { grant_type: "client_credentials" };
    const byForm = (await got(`${baseUrl}/oauth/token`, {}, new URLSearchParams({ ...grant, client_id: clientId, client_secret: clientSecret }))).json;
    const byBasic = (await got(`${baseUrl}/oauth/token`, { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` }, new URLSearchParams(grant))).json;
    assert.deepEqual([byForm.token_type, byForm.expires_in, byBasic.expires_in], ["Bearer", 1800, 1800]);
    assert.equal((await got(`${baseUrl}/oauth/token`, {}, new URLSearchParams({ ...grant, client_id: clientId, client_secret: "no" }))).json.error, "invalid_client");
    assert.equal((await got(`${baseUrl}/oauth/token`, {}, new URLSearchParams({ grant_type: "password" }))).json.error, "unsupported_grant_type");
    const headers = { authorization: `Bearer ${byForm.access_token}` };
    const well = device("hidronet");
    assert.ok((await got(`${baseUrl}/v1/stations`, headers)).json.data.some(({ id }: { id: string }) => id === well.remote));
    const url = `${baseUrl}/v1/stations/${well.remote}/readings?variables=FLW1,LVL1&since=2026-03-01T10:00:00Z&until=2026-03-01T12:00:00Z&pageSize=7`;
    const found: [string, string, number][] = [];
    for (let cursor: string | null = "0"; cursor !== null; ) {
      const { json } = await got(`${url}&cursor=${cursor}`, headers);
      found.push(...json.data.map(({ variable, reading }: { variable: string; reading: { at: string; val: number } }) => [variable, reading.at, reading.val]));
      assert.equal(json.paging.hasMore, json.paging.nextCursor !== null);
      cursor = json.paging.nextCursor;
    }
    const truth = [...sandbox.truth({ fromMs: NOON - 2 * HOUR, toMs: NOON, device: well.device })].filter(({ key }) => key === "FLW1" || key === "LVL1");
    const sorted = (rows: readonly (readonly [string, string, unknown])[]) => rows.map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(sorted(found), sorted(truth.map(({ key, ts, value }) => [key, new Date(ts).toISOString(), value])));
    assert.deepEqual([(await got(`${baseUrl}/v1/stations/none/readings`, headers)).status, (await got(`${url}&cursor=x`, headers)).status, (await got(url)).status], [404, 400, 401]);
    clock.nowMs += 1_800_000;
    const ended = await got(url, headers);
    assert.equal(ended.status, 401);
    assert.match(ended.headers.get("www-authenticate") ?? "", /invalid_token/);
  });
});
