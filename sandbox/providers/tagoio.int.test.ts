import assert from "node:assert/strict";
import { test } from "node:test";
import { got, HOUR, MINUTE, NOON, opened, secretOf, truthRows } from "../test-parts/opened.ts";

interface Record {
  readonly variable: string;
  readonly value: number;
  readonly time: string;
}

test("Device-Token or the bare Authorization; qty 15, newest first, skip, ordination, dates and relative dates", async (context) => {
  const { sandbox, account, device } = await opened(context);
  const well = device("tagoio");
  const url = `${account("tagoio").baseUrl}/data`;
  const headers = { "device-token": secretOf(well, "token") };
  const asked = async (query: string, by: { [name: string]: string } = headers): Promise<Record[]> => (await got(`${url}?${query}`, by)).json.result;
  const truth = truthRows(sandbox, { device: well.device, key: "caudal", fromMs: NOON - 6 * HOUR, toMs: NOON + 1 });
  const times = truth.map(({ ts }) => new Date(ts).toISOString());
  assert.deepEqual((await asked("variable=caudal")).map(({ time }) => time), times.toReversed().slice(0, 15));
  assert.deepEqual(await asked("variable=caudal", { authorization: secretOf(well, "token") }), await asked("variable=caudal"));
  assert.equal((await got(url, { authorization: `Bearer ${secretOf(well, "token")}` })).status, 401, "no Bearer word");
  assert.deepEqual((await asked("variable=caudal&qty=20&skip=10")).map(({ time }) => time), times.toReversed().slice(10, 30));
  assert.deepEqual((await asked(`variable=caudal&qty=1000&ordination=ascending&start_date=${new Date(NOON - 6 * HOUR).toISOString()}`)).map(({ time }) => time), times);
  assert.deepEqual((await asked("variable=caudal&qty=1000&start_date=6 hours&ordination=ascending")).map(({ time }) => time), times);
  assert.equal((await asked("variable=nothing")).length, 0);
  assert.equal((await asked("variable[]=caudal&variable[]=nivel&qty=8")).length, 8, "qty counts the whole list");
  const [first] = await asked("variable=caudal&qty=1");
  assert.deepEqual(Object.keys(first ?? {}), ["id", "device", "variable", "value", "unit", "group", "time"]);
});

test("query kinds: newest and oldest of each, extremes, counts, sums, buckets, places", async (context) => {
  const { sandbox, account, device, clock } = await opened(context, { quirks: { tagoio: { "late-rows": 0.3 } } });
  const well = device("tagoio");
  const url = `${account("tagoio").baseUrl}/data`;
  const asked = async (query: string) => (await got(`${url}?${query}`, { "device-token": secretOf(well, "token") })).json.result;
  const truth = truthRows(sandbox, { device: well.device, key: "caudal", fromMs: NOON - 24 * HOUR, toMs: NOON + 1 });
  const values = truth.map(({ value }) => Number(value));
  const iso = (row: (typeof truth)[number] | undefined): string => new Date(row?.ts ?? 0).toISOString();
  const two = (await asked("variable[]=caudal&variable[]=nivel&query=last_value")) as Record[];
  assert.deepEqual(two.map(({ variable }) => variable), ["caudal", "nivel"]);
  assert.equal(two[0]?.time, iso(truth.at(-1)));
  assert.equal((await asked("variable=caudal&query=last_item&end_date=2026-03-01T06:00:00Z"))[0].time, iso(truth.findLast(({ ts }) => ts <= NOON - 6 * HOUR)));
  const inserted = truth.reduce((last, row) => (row.firstVisibleAt >= last.firstVisibleAt ? row : last));
  assert.equal((await asked("variable=caudal&query=last_insert"))[0].time, iso(inserted));
  const day = "variable=caudal&start_date=1 day";
  assert.equal((await asked(`${day}&query=first_value`))[0].time, iso(truth[0]));
  assert.equal((await asked(`${day}&query=min`))[0].value, Math.min(...values));
  assert.equal((await asked(`${day}&query=max`))[0].value, Math.max(...values));
  assert.equal(await asked(`${day}&query=count`), truth.length);
  const sum = values.reduce((a, b) => a + b, 0);
  assert.equal(await asked(`${day}&query=sum`), sum);
  assert.equal(await asked(`${day}&query=avg`), sum / values.length);
  const buckets = (await asked(`${day}&query=aggregate&interval=hour&function=max`)) as Record[];
  assert.equal(Math.max(...buckets.map(({ value }) => value)), Math.max(...values));
  for (const name of ["avg", "sum", "min"]) assert.ok((await asked(`${day}&query=aggregate&interval=day&function=${name}`)).length > 0);
  assert.deepEqual(await asked("query=last_location"), []);
  clock.nowMs += MINUTE;
  for (const query of ["query=avg", "query=conditional", "query=aggregate", "ids=5", "qty=0", "start_date=whenever", "skip=-1"]) {
    const failed = await got(`${url}?${query}`, { "device-token": secretOf(well, "token") });
    assert.deepEqual([failed.status, failed.json.status, typeof failed.json.message], [400, false, "string"], query);
  }
});

test("fixed one-minute windows for the profile and the route, whichever device asks", async (context) => {
  const { account, clock } = await opened(context, { limits: { tagoio: "3:60" } });
  const { baseUrl, devices } = account("tagoio");
  clock.nowMs += 50_000;
  const ask = async (at: number) => got(`${baseUrl}/data?qty=1`, { "device-token": secretOf(devices[at % devices.length] ?? { secrets: {} }, "token") });
  assert.deepEqual([(await ask(0)).status, (await ask(1)).status, (await ask(2)).status], [200, 200, 200]);
  const refused = await ask(0);
  assert.deepEqual([refused.status, refused.headers.get("retry-after"), refused.json.status], [429, "10", false]);
  clock.nowMs += 9_999;
  assert.equal((await ask(1)).status, 429);
  clock.nowMs += 1;
  assert.equal((await ask(1)).status, 200, "the next minute is a new window");
});
