import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock } from "@caudal/runtime";
import { tagoio } from "../providers/tagoio/tagoio.ts";
import { accountOf, bearerLogin, never, opened, providerOf, read } from "./test-parts/account.ts";
import { json, startProviderServer } from "./test-parts/provider-server.ts";
import { until, untilSettled } from "./test-parts/waits.ts";
import { assertWithin } from "./test-parts/windows.ts";

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const device = (name: string, secrets: Record<string, string> = {}) => ({ device: name, remote: name, secrets, keys: [], cadence: { kind: "every", ms: 60_000 }, names: {}, units: {}, sentinels: [], live: false }) as const;
const devices = [device("a"), device("b"), device("c"), device("d")];

test("a request goes out below the base URL, with its query, headers and body, and its answer comes back", async (t) => {
  const server = await startProviderServer(t, ({ url, method, headers, body }, response) => json(response, 200, { url, method, body, type: headers["content-type"], accept: headers.accept, key: headers["x-key"] }));
  const { calls } = opened(t, accountOf(`${server.url}/api`));
  const ask = async (request: Parameters<typeof calls.call>[0]) => {
    const answered = await calls.call(request, never);
    assert.ok(answered.ok);
    return JSON.parse(Buffer.from(answered.answer.body).toString()) as Record<string, unknown>;
  };
  assert.deepEqual(await ask({ method: "GET", path: "/x%2Fy?a=1", query: [["keys[]", "a b"], ["at", "2026-03-01T12:00:00Z"]], headers: { "X-Key": "k" } }), { url: "/api/x%2Fy?a=1&keys%5B%5D=a%20b&at=2026-03-01T12%3A00%3A00Z", method: "GET", body: "", accept: "application/json", key: "k" });
  assert.deepEqual(await ask({ method: "POST", path: "x", json: { a: 1 } }), { url: "/api/x", method: "POST", body: '{"a":1}', type: "application/json", accept: "application/json" });
  assert.deepEqual(await ask({ method: "POST", path: "/x", form: { a: "1 2" } }), { url: "/api/x", method: "POST", body: "a=1+2", type: "application/x-www-form-urlencoded", accept: "application/json" });
});

test("a request stays at its account's host; only a login may name another, by https", async (t) => {
  const server = await startProviderServer(t, (_arrival, response) => json(response, 200, {}));
  const { calls } = opened(t, accountOf(server.url));
  for (const path of ["https://elsewhere.test/x", "http://127.0.0.1/x"]) {
    const answered = await calls.call({ method: "GET", path }, never);
    assert.ok(!answered.ok && answered.failure.kind === "config_error", path);
  }
  assert.ok((await calls.call({ method: "GET", path: "@elsewhere.test/" }, never)).ok);
  for (const baseUrl of ["nonsense", "ftp://127.0.0.1", "https://user:password@127.0.0.1"]) {
    const answered = await opened(t, accountOf(baseUrl)).calls.call(read, never);
    assert.ok(!answered.ok && answered.failure.kind === "config_error", baseUrl);
    assert.ok(!answered.failure.detail.includes("password"));
  }
  const login = { ...bearerLogin, request: () => ({ method: "POST", path: "http://tokens.invalid/oauth" }) as const };
  const plain = await opened(t, accountOf("https://api.invalid", { provider: providerOf({ login }), allowPrivate: false })).calls.call(read, never);
  assert.ok(!plain.ok && /a login at another host must be https/.test(plain.failure.detail));
  assert.deepEqual(server.arrivals.map(({ url }) => url), ["/@elsewhere.test/"]);
});

test("a token may come from another host", async (t) => {
  const tokens = await startProviderServer(t, (_arrival, response) => json(response, 200, { token: "from-the-other-host" }));
  const server = await startProviderServer(t, ({ headers }, response) => json(response, headers.authorization === "Bearer from-the-other-host" ? 200 : 401, {}));
  const login = { ...bearerLogin, request: () => ({ method: "POST", path: `${tokens.url}/oauth/token`, form: { grant_type: "client_credentials" } }) as const };
  const { calls } = opened(t, accountOf(server.url, { provider: providerOf({ login }) }));
  assert.ok((await calls.call(read, never)).ok);
  assert.equal(tokens.arrivals[0]!.body, "grant_type=client_credentials");
});

test("trap 1: a failed call never carries a value", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => {
    if (url === "/reset") {
      response.writeHead(200, { "content-length": "100" }).write('{"value": 42');
      setImmediate(() => response.destroy());
    } else json(response, Number(url.slice(1)), { value: 42 });
  });
  const { calls } = opened(t, accountOf(server.url, { devices }), { random: () => 0 });
  for (const path of ["/400", "/401", "/403", "/404", "/429", "/302", "/500", "/reset"]) {
    const answered = await calls.call({ method: "GET", path }, never);
    assert.equal(answered.ok, false, path);
    assert.equal("answer" in answered, false, path);
    assert.equal("value" in answered, false, path);
  }
});

test("a page of HTML with 200, and half a JSON that ends well, are answers that normalise refuses: nothing is made of them here", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => void response.writeHead(200, { "content-type": "text/html" }).end(url === "/html" ? "<h1>Mantención</h1>" : '{"5001":[{"ts":17'));
  const { calls } = opened(t, accountOf(server.url));
  for (const [path, body] of [["/html", "<h1>Mantención</h1>"], ["/half", '{"5001":[{"ts":17']] as const) {
    const answered = await calls.call({ method: "GET", path }, never);
    assert.ok(answered.ok);
    assert.equal(Buffer.from(answered.answer.body).toString(), body);
  }
});

test("a request that failed is tried three times; what will not mend is not, and its answer's body is kept", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => json(response, url === "/third" && server.arrivals.filter((each) => each.url === url).length === 3 ? 200 : url === "/gone" ? 404 : 503, { said: url }));
  const { calls, metrics } = opened(t, accountOf(server.url, { devices }));
  assert.ok((await calls.call({ method: "GET", path: "/third" }, never)).ok);
  const answered = await calls.call({ method: "GET", path: "/down" }, never);
  assert.ok(!answered.ok);
  assert.deepEqual(answered.failure, { kind: "request_failed", status: 503, detail: `GET 127.0.0.1:${server.port}/down answered 503: {"said":"/down"}` });
  assert.equal(Buffer.from(answered.body!).toString(), '{"said":"/down"}');
  await calls.call({ method: "GET", path: "/down-too" }, never);
  assert.equal(calls.outage(), undefined, "two calls failed, however many tries they had");
  const gone = await calls.call({ method: "GET", path: "/gone" }, never);
  assert.ok(!gone.ok && gone.failure.kind === "config_error" && gone.failure.status === 404);
  assert.deepEqual(Object.fromEntries(Map.groupBy(server.arrivals, ({ url }) => url).entries().map(([url, all]) => [url, all.length])), { "/third": 3, "/down": 3, "/down-too": 3, "/gone": 1 });
  const outcomes = async (outcome: string) => metrics.sum("caudal_provider_calls_total", { account: "acme-1", provider: "acme", outcome });
  assert.deepEqual(await Promise.all(["ok", "request_failed", "config_error"].map(outcomes)), [1, 8, 1]);
});

test("a 400 that a provider gives now and then is tried again; one that stays is the device's own configuration, and no outage", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => json(response, url === "/third" && server.arrivals.filter((each) => each.url === url).length === 3 ? 200 : 400, { status: false, message: "?" }));
  const { calls } = opened(t, accountOf(server.url, { provider: providerOf({ classify: tagoio.classify! }), devices }));
  assert.ok((await calls.call({ method: "GET", path: "/third" }, never)).ok);
  const failures = await Promise.all(many(8, () => calls.call(read, never)));
  assert.deepEqual(failures.map((answered) => (answered.ok ? "ok" : [answered.failure.kind, answered.failure.status])), many(8, () => ["config_error", 400]));
  assert.equal(server.arrivals.length, 27, "three tries each: nothing was held back");
  assert.equal(calls.outage(), undefined);
});

test("a hundred calls whose token was refused log in once, and each is tried once more", async (t) => {
  let valid = "first";
  const server = await startProviderServer(t, ({ url, headers }, response) => {
    if (url === "/login") return json(response, 200, { token: valid });
    json(response, headers.authorization === `Bearer ${valid}` ? 200 : 401, { ok: true });
  });
  const { calls } = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), secrets: { username: "ana@acme.test", password: "correct horse" }, devices, concurrency: 100 }), { transportOptions: { maxConnections: 100 } });
  const logins = () => server.arrivals.filter(({ url }) => url === "/login");
  assert.ok((await Promise.all(many(100, () => calls.call(read, never)))).every(({ ok }) => ok));
  assert.equal(logins().length, 1);
  assert.deepEqual(JSON.parse(logins()[0]!.body), { username: "ana@acme.test", password: "correct horse" });
  valid = "second";
  const before = server.arrivals.length;
  assert.ok((await Promise.all(many(100, () => calls.call(read, never)))).every(({ ok }) => ok));
  assert.equal(logins().length, 2);
  const refused = server.arrivals.slice(before).filter(({ headers }) => headers.authorization === "Bearer first").length;
  assert.equal(server.arrivals.length - before, 100 + refused + 1);
});

test("refused again with a fresh token: auth_failed, one login more, and the account stands still", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => (url === "/login" ? json(response, 200, { token: `token-${server.arrivals.length}` }) : json(response, 401, { errorCode: 11 })));
  const { calls, lines, metrics } = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), devices: [device("a")], concurrency: 8 }));
  const answers = await Promise.all(many(100, () => calls.call(read, never)));
  assert.ok(answers.every((answered) => !answered.ok && answered.failure.kind === "auth_failed"));
  assert.equal(server.arrivals.filter(({ url }) => url === "/login").length, 2);
  assert.ok(server.arrivals.length <= 2 + 16, "those who waited did not go out");
  assert.equal(lines.filter(({ event }) => event === "provider.down").length, 1);
  assert.equal(await metrics.sum("caudal_provider_up", { account: "acme-1" }), 0);
  const outage = calls.outage();
  assert.equal(outage?.failure.kind, "auth_failed");
  assert.ok(outage.retryAtUs - outage.sinceUs >= 14 * 60e6, "a refused credential is not tried again soon");
});

test("a login that is refused is not repeated: a hundred calls, one try", async (t) => {
  for (const status of [400, 401, 403]) {
    const server = await startProviderServer(t, (_arrival, response) => json(response, status, { message: "wrong password: hunter2-hunter2" }));
    const { calls, written } = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), devices, secrets: { username: "ana", password: "hunter2-hunter2" } }));
    const answers = await Promise.all(many(100, () => calls.call(read, never)));
    assert.ok(answers.every((answered) => !answered.ok && answered.failure.kind === "auth_failed" && !answered.failure.detail.includes("hunter2")));
    assert.equal(server.arrivals.length, 1);
    assert.ok(!written().includes("hunter2"));
  }
});

test("a login that fails otherwise is tried three times for all who wait for it", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => {
    if (url !== "/login") return json(response, 200, {});
    if (server.arrivals.length === 1) return json(response, 503, {});
    if (server.arrivals.length === 2) return void response.end("<html>gateway</html>");
    json(response, 200, { token: "at-last" });
  });
  const { calls } = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), devices }));
  assert.ok((await Promise.all(many(20, () => calls.call(read, never)))).every(({ ok }) => ok));
  assert.equal(server.arrivals.filter(({ url }) => url === "/login").length, 3);
});

test("a token is changed when it ends, and one that ends while its call waits for the budget is not sent", async (t) => {
  const clock = createHeldClock();
  const server = await startProviderServer(t, ({ url }, response) => json(response, 200, url === "/login" ? { token: `t${server.arrivals.length}`, lifeMs: 40_000 } : {}), () => clock.monotonicMs());
  const { calls } = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), devices, budget: [{ calls: 2, perMs: 30_000 }], concurrency: 2 }), { clock, sleep: clock.sleep });
  const waiting = Promise.all(many(4, () => calls.call(read, never)));
  await untilSettled(waiting, clock, 1000);
  assert.ok((await waiting).every(({ ok }) => ok));
  const given = new Map<string, number>();
  for (const [index, { url, atMs, headers }] of server.arrivals.entries()) {
    if (url === "/login") given.set(`Bearer t${index + 1}`, atMs);
    else assert.ok(atMs - given.get(headers.authorization!)! <= 20_000, "half of its life, which is under two minutes");
  }
  assert.ok(given.size >= 2);
});

test("a thousand callers of one account: all are answered, none of its windows is exceeded on the server's own clock", async (t) => {
  const budget = [{ calls: 40, perMs: 60 }, { calls: 350, perMs: 700 }];
  let waits = 0;
  const server = await startProviderServer(t, async (_arrival, response) => {
    await new Promise((resolve) => setTimeout(resolve, (waits = (waits * 31 + 7) % 12)));
    json(response, 200, {});
  });
  const { calls } = opened(t, accountOf(server.url, { devices, budget, concurrency: 24 }));
  const answers = await Promise.all(many(1000, () => calls.call(read, never)));
  assert.ok(answers.every(({ ok }) => ok));
  assert.equal(server.arrivals.length, 1000);
  assertWithin(server.arrivals.map(({ atMs }) => atMs), budget);
  assert.ok(server.connections() <= 32);
  assert.ok(calls.budget().every(({ used, calls: allowed }) => used <= allowed));
});

test("one too many that waits fails, a caller that leaves is let go, and closing ends all with a failure", async (t) => {
  const server = await startProviderServer(t, () => undefined);
  const { calls } = opened(t, accountOf(server.url, { devices, concurrency: 1 }), { maxWaiting: 2 });
  const slow = { ...read, timeoutMs: 60_000 };
  const leave = new AbortController();
  const under = calls.call(slow, never);
  const leaving = calls.call(slow, leave.signal);
  const waiting = calls.call(slow, never);
  const over = await calls.call(slow, never);
  assert.ok(!over.ok && over.failure.detail === "too many calls wait");
  leave.abort(new Error("left"));
  await assert.rejects(leaving, /left/);
  await assert.rejects(calls.call(slow, leave.signal), /left/);
  await calls.close();
  for (const each of [under, waiting, calls.call(slow, never)]) {
    const answered = await each;
    assert.ok(!answered.ok && answered.failure.detail === "the account was closed");
  }
  const login = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), devices }));
  const loggingIn = login.calls.call(slow, never);
  await until(() => server.arrivals.some(({ url }) => url === "/login"));
  await login.calls.close();
  const answered = await loggingIn;
  assert.ok(!answered.ok && answered.failure.detail === "the account was closed");
});

test("code of a provider that throws is that call's failure, without a secret, and nothing stays taken", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => (url === "/login" ? json(response, 200, { token: "a-good-token" }) : json(response, 500, {})));
  const throwing = (): never => {
    throw new Error("cannot read a-secret-of-acme of undefined");
  };
  const secrets = { key: "a-secret-of-acme" };
  for (const provider of [
    providerOf({ classify: throwing }), providerOf({ login: { ...bearerLogin, request: throwing } }), providerOf({ login: { ...bearerLogin, token: throwing } }), providerOf({ login: { ...bearerLogin, apply: throwing } }),
  ]) {
    const { calls } = opened(t, accountOf(server.url, { provider, secrets, devices, concurrency: 1, budget: [{ calls: 100, perMs: 60_000 }] }));
    for (let call = 0; call < 3; call++) {
      const answered = await calls.call(read, never);
      assert.ok(!answered.ok && answered.failure.kind === "config_error", JSON.stringify(answered));
      assert.match(answered.failure.detail, /code failed: cannot read \[redacted\]/);
    }
  }
});
