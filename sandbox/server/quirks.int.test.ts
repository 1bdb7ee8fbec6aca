import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { quirkNames, type ProviderId, type QuirkName, type SandboxOptions } from "../index.ts";
import { got, HOUR, MINUTE, NOON, opened, secretOf, type Got, type Opened } from "../test-parts/opened.ts";

interface Asked extends Opened {
  /** The newest and the last hour's rows of a well's flow, of the Novus provider. */
  readonly newest: () => Promise<Got>;
  readonly history: (query?: string) => Promise<Got>;
}

async function withQuirk(context: TestContext, quirk: QuirkName, options: Partial<SandboxOptions> = {}, share = 1): Promise<Asked> {
  const parts = await opened(context, { quirks: { all: { [quirk]: share } }, dripMs: 100, hangMs: 50, ...options });
  const { account, device } = parts;
  const headers = { "device-token": secretOf(device("tagoio"), "token") };
  const url = `${account("tagoio").baseUrl}/data?variable=caudal`;
  return { ...parts, newest: () => got(`${url}&query=last_value`, headers), history: (query = "qty=100&start_date=1 hour") => got(`${url}&${query}`, headers) };
}

/** Every quirk of requests and windows that the Novus provider can show, and how. */
const shown: { readonly [name in QuirkName]?: (asked: Asked) => Promise<void> } = {
  "http-429": async ({ newest }) => answered(await newest(), 429, "5"),
  "http-500": async ({ newest }) => answered(await newest(), 500),
  "http-503": async ({ newest }) => answered(await newest(), 503, "2"),
  "http-400": async ({ newest }) => answered(await newest(), 400),
  "http-404": async ({ newest }) => answered(await newest(), 404),
  "outage": async ({ newest }) => answered(await newest(), 503, "30"),
  "auth-storm": async ({ newest }) => answered(await newest(), 401),
  "html-page": async ({ newest }) => {
    const { status, text, headers } = await newest();
    assert.deepEqual([status, text.startsWith("<!doctype html>"), headers.get("content-type")], [200, true, "text/html; charset=utf-8"]);
  },
  "half-json": async ({ history, sandbox }) => {
    const { status, text } = await history();
    assert.equal(status, 200);
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.deepEqual(sandbox.log.entries().at(-1)?.rows, [], "nothing was given that can be read");
  },
  "hang": async ({ newest, sandbox }) => {
    await assert.rejects(newest());
    assert.equal(sandbox.log.entries().at(-1)?.status, undefined);
  },
  "reset": async ({ history }) => assert.rejects(history()),
  "drip": async ({ history, sandbox }) => {
    const { json } = await history();
    assert.equal(json.result.length, 12);
    assert.equal(sandbox.log.entries().at(-1)?.rows.length, 12);
  },
  "gigantic": async ({ account, device }) => {
    const leave = new AbortController();
    const response = await fetch(`${account("tagoio").baseUrl}/data`, { headers: { "device-token": secretOf(device("tagoio"), "token") }, signal: leave.signal });
    let bytes = 0;
    for await (const piece of response.body ?? []) if ((bytes += piece.length) > 20 * 1024 * 1024) break;
    leave.abort();
    assert.ok(bytes > 20 * 1024 * 1024);
  },
  "empty": async ({ history }) => assert.deepEqual((await history()).json, { status: true, result: [] }),
  "missing-keys": async ({ account, device }) => {
    const counts = new Set<number>();
    for (let call = 0; call < 12; call++) counts.add((await got(`${account("tagoio").baseUrl}/data?query=last_value`, { "device-token": secretOf(device("tagoio"), "token") })).json.result.length);
    assert.ok(counts.size > 1 && Math.min(...counts) < 4, [...counts].join());
  },
  "text-numbers": async ({ newest }) => assert.equal(typeof (await newest()).json.result[0].value, "string"),
  "duplicates": async ({ history }) => {
    const times: string[] = (await history()).json.result.map(({ time }: { time: string }) => time);
    assert.ok(new Set(times).size === 12 && times.length > 12);
  },
  "out-of-order": async ({ history }) => {
    const times: string[] = (await history()).json.result.map(({ time }: { time: string }) => time);
    assert.notDeepEqual(times, times.toSorted().reverse());
    assert.equal(new Set(times).size, 12);
  },
  "naive-time": async ({ newest, sandbox }) => {
    const { time } = (await newest()).json.result[0];
    assert.equal(Date.parse(`${time}Z`), sandbox.log.entries().at(-1)?.rows[0]?.ts);
  },
  "offset-time": async ({ newest, sandbox }) => {
    const { time } = (await newest()).json.result[0];
    assert.match(time, /-03:00$/);
    assert.equal(Date.parse(time), sandbox.log.entries().at(-1)?.rows[0]?.ts);
  },
  "moving-pages": async ({ history }) => {
    const [first, second] = [await history("qty=5"), await history("qty=5&skip=5")].map(({ json }) => json.result.map(({ time }: { time: string }) => time) as string[]);
    assert.ok(first?.some((time) => second?.includes(time)), "the second page begins with rows of the first");
  },
  "stale-repeats": async ({ newest, history, clock }) => {
    clock.nowMs = NOON + 5 * MINUTE;
    const before = (await newest()).json.result[0].time;
    clock.nowMs += 50 * MINUTE;
    assert.equal((await newest()).json.result[0].time, before);
    assert.ok((await history("qty=1")).json.result[0].time > before, "the history has newer rows");
    clock.nowMs += 10 * MINUTE;
    assert.ok((await newest()).json.result[0].time > before);
  },
  "error-line": async ({ account, device }) => {
    const { baseUrl, secrets } = account("things-stack");
    const { text } = await got(`${baseUrl}/api/v3/as/applications/riego-demo/devices/${device("things-stack").remote}/packages/storage/uplink_message?last=1h`, { authorization: `Bearer ${secrets["apiKey"]}` });
    const lines = text.split("\n").filter((line) => line !== "").map((line) => Object.keys(JSON.parse(line))[0]);
    assert.deepEqual([lines.length, lines[6]], [13, "error"]);
  },
  "token-dies-early": async ({ account, device, clock }) => {
    const { baseUrl, secrets } = account("tdata");
    const { token } = (await got(`${baseUrl}/tdata/v1/login`, {}, secrets)).json;
    clock.nowMs += 601_000;
    const refused = await got(`${baseUrl}/telemetry/DEVICE/${device("tdata").remote}/values/timeseries?keys=5001`, { authorization: `Bearer ${token}` });
    assert.deepEqual([refused.status, refused.json.errorCode], [401, 11]);
  },
  "nan-text": async ({ newest }) => assert.equal((await newest()).json.result[0].value, "NaN"),
  "sentinels": async ({ newest }) => assert.ok([-999, -3200].includes((await newest()).json.result[0].value)),
  "gaps": async ({ history }) => assert.deepEqual((await history()).json.result, []),
  "late-rows": async ({ history, clock }) => {
    assert.equal((await history("qty=1000&start_date=2026-03-01T11:50:00Z&end_date=2026-03-01T12:00:00Z")).json.result.length, 0);
    clock.nowMs += 20 * HOUR + 1;
    assert.equal((await history("qty=1000&start_date=2026-03-01T11:50:00Z&end_date=2026-03-01T12:00:00Z")).json.result.length, 2);
  },
  "late-corrections": async ({ history, clock, sandbox }) => {
    const asked = "qty=1000&start_date=2026-03-01T11:30:00Z&end_date=2026-03-01T12:00:00Z";
    const first = (await history(asked)).json.result.map(({ value }: { value: number }) => value);
    assert.ok(sandbox.log.entries().at(-1)?.rows.every(({ revision }) => revision === 0));
    clock.nowMs += 47 * HOUR;
    const last = (await history(asked)).json.result.map(({ value }: { value: number }) => value);
    assert.ok(first.every((value: number, at: number) => value !== last[at]));
    assert.ok(sandbox.log.entries().at(-1)?.rows.every(({ revision }) => revision === 1));
  },
};

function answered({ status, headers }: Got, expected: number, retryAfter: string | null = null): void {
  assert.deepEqual([status, headers.get("retry-after")], [expected, retryAfter]);
}

describe("every quirk shows", () => {
  for (const [name, check] of Object.entries(shown)) {
    test(name, async (context) => {
      const asked = await withQuirk(context, name as QuirkName);
      await check(asked);
    });
  }

  test("and the rest of them are of counters, which the series' own tests show", () => {
    const rest = quirkNames.filter((name) => shown[name] === undefined);
    assert.deepEqual(rest, ["counter-reset", "wrap-16", "wrap-32", "meter-swap", "negative-status", "truncated-digits"]);
  });

  test("about as often as its share says, and the log tells for each request", async (context) => {
    const { newest, sandbox } = await withQuirk(context, "http-500", {}, 0.3);
    let failed = 0;
    for (let call = 0; call < 200; call++) if ((await newest()).status === 500) failed += 1;
    assert.ok(failed > 35 && failed < 85, String(failed));
    assert.equal(sandbox.log.entries().filter(({ quirks }) => quirks.includes("http-500")).length, failed);
  });
});

test("the same seed and the same requests give the same bytes; another seed gives others", async (context) => {
  const hostile = Object.fromEntries(quirkNames.filter((name) => !["hang", "reset", "drip", "gigantic"].includes(name)).map((name) => [name, 0.15]));
  const play = async (seed: string): Promise<string> => {
    const { account, device, clock, sandbox } = await opened(context, { seed, quirks: { all: hostile } });
    const { secrets, baseUrl } = account("thingsboard");
    const said: string[] = [];
    for (let step = 0; step < 20; step++) {
      clock.nowMs += 7 * MINUTE;
      const answer = await got(`${baseUrl}/api/auth/login`, {}, secrets);
      said.push(answer.text);
      for (const provider of ["thethings-io", "tagoio"] as ProviderId[]) {
        const token = secretOf(device(provider), "token");
        said.push((await got(provider === "tagoio" ? `${account(provider).baseUrl}/data` : `${account(provider).baseUrl}/v2/things/${token}/resources/caudal?limit=9`, { "device-token": token })).text);
      }
      said.push((await got(`${baseUrl}/api/plugins/telemetry/DEVICE/${device("thingsboard").remote}/values/timeseries`, { "x-authorization": `Bearer ${answer.json?.token}` })).text);
    }
    return JSON.stringify([said, [...sandbox.truth({ fromMs: NOON - HOUR, toMs: NOON })], sandbox.log.entries()]);
  };
  const [one, two, three] = [await play("a"), await play("a"), await play("b")];
  assert.equal(one, two);
  assert.notEqual(one, three);
});
