import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { slotInstants } from "../../slots/schedule.ts";
import type { FrozenPayload, Regulator, SendResult } from "../regulator.ts";
import { createRegulators } from "../regulators.ts";
import { GOLDEN_HOST, goldenList, goldenRequest, type GoldenAnswer, type GoldenCase } from "../test-parts/golden.ts";
import { httpAnswer, rawServer, type RawAnswer, type RawServer } from "../test-parts/raw-server.ts";
import { stampOf } from "./santiago-time.ts";

const credentials = { user: "12345678-5", password: 'clave "sintética" 1' };
const ACCEPTED = httpAnswer(200, '{"mensaje":"Registros recibidos","IdVerificacion":"5f0c9a1e77"}');
const HOUR_US = 3_600_000_000;
const cases = await goldenList<GoldenCase>("sma", "cases");

const us = (text: string): number => Date.parse(text) * 1000;
const isLogin = (request: string): boolean => request.startsWith("POST /api/v1/auth ");

interface Opened {
  readonly regulator: Regulator;
  readonly server: RawServer;
  readonly send: (nowUs?: number, given?: { readonly password?: string; readonly signal?: AbortSignal }) => Promise<SendResult>;
  readonly asked: () => readonly string[];
}

/** An SMA that gives out tokens `t1`, `t2` … and answers registers as it is told. */
async function opened(context: TestContext, answer: (request: string, number: number) => RawAnswer, login: (number: number) => RawAnswer = (number) => httpAnswer(200, `{"token":"t${number}"}`)): Promise<Opened> {
  let [logins, calls] = [0, 0];
  const server = await rawServer(context, (request) => (isLogin(request) ? login(++logins) : answer(request, ++calls)));
  const regulator = createRegulators({ urls: { dga: undefined, sma: `http://127.0.0.1:${server.port}` }, postTimeoutMs: 5000 }).get("sma")!;
  return {
    regulator, server,
    send: (nowUs = 0, given = {}) => regulator.send(frozen(), { credentials: { ...credentials, ...(given.password === undefined ? {} : { password: given.password }) }, nowUs: () => nowUs, signal: given.signal ?? new AbortController().signal }),
    asked: () => server.requests.map((request) => (isLogin(request) ? "login" : (/^Authorization: Bearer (.*)$/m.exec(request)?.[1] ?? "").trim())),
  };
}

function frozen(): FrozenPayload {
  const { work, slot, values } = cases[0]!;
  const freezing = createRegulators({ urls: { dga: undefined, sma: undefined } }).get("sma")!.freeze(work, us(slot), values);
  assert.equal(freezing.kind, "frozen");
  return (freezing as { payload: FrozenPayload }).payload;
}

for (const { vector, name, work, slot, values, blocked } of cases) {
  test(`vector ${vector}: ${name} ${blocked === undefined ? "goes out byte for byte, after a login" : "is not sent"}`, async (context) => {
    const { server, regulator } = await opened(context, () => ACCEPTED, () => httpAnswer(200, '{"token":"aaa.bbb.ccc"}'));
    const freezing = regulator.freeze(work, us(slot), values);
    if (blocked !== undefined) {
      assert.equal(freezing.kind === "blocked" && `${freezing.field}: ${freezing.reason}`, blocked);
      return;
    }
    assert.equal(freezing.kind, "frozen");
    await regulator.send((freezing as { payload: FrozenPayload }).payload, { credentials, nowUs: () => 0, signal: new AbortController().signal });
    assert.deepEqual(server.requests.map((request) => request.replace(`127.0.0.1:${server.port}`, GOLDEN_HOST)), [await goldenRequest("sma", "login"), await goldenRequest("sma", name)]);
  });
}

test("vector S2: a reading at 12:07 is due to nothing on a profile of five minutes", () => {
  const between = { fromUs: us("2026-03-01T12:06:00Z"), toUs: us("2026-03-01T12:10:00Z") };
  assert.deepEqual([...slotInstants({ standard: "custom", everyMinutes: 5 }, between)], []);
  assert.deepEqual([...slotInstants({ standard: "custom", everyMinutes: 5 }, { ...between, fromUs: us("2026-03-01T12:05:00Z") })], [us("2026-03-01T12:05:00Z")]);
});

test("vector S4: a token that is older than 24 h is fetched anew, once for all who wait for it", async (context) => {
  const { send, asked } = await opened(context, () => ACCEPTED);
  await send(0);
  await send(23 * HOUR_US);
  assert.deepEqual(asked(), ["login", "t1", "t1"]);
  await Promise.all([send(24 * HOUR_US), send(24 * HOUR_US), send(24 * HOUR_US)]);
  assert.deepEqual(asked().slice(3), ["login", "t2", "t2", "t2"]);
});

test("vector S4: after 401 one login and one more call; after a second 401 no more", async (context) => {
  const denied = httpAnswer(401, '{"mensaje":"Token t no válido"}');
  const once = await opened(context, (_, number) => (number === 2 ? denied : ACCEPTED));
  await once.send();
  assert.equal((await once.send()).outcome.kind, "accepted");
  assert.deepEqual(once.asked(), ["login", "t1", "t1", "login", "t2"]);
  const always = await opened(context, () => denied);
  assert.deepEqual((await always.send()).outcome, { kind: "refused", permanent: false, code: "401", message: "Token t no válido" });
  assert.deepEqual(always.asked(), ["login", "t1", "login", "t2"]);
});

test("without a login nothing of a measurement leaves: wrong credentials are a refusal for good, all else can be tried again", async (context) => {
  const refused = await opened(context, () => ACCEPTED, () => httpAnswer(401, `{"mensaje":"${JSON.stringify(credentials.password).slice(1, -1)} no es"}`));
  const result = await refused.send();
  assert.deepEqual([result.outcome, result.httpStatus], [{ kind: "refused", permanent: true, code: "login", message: "*** no es" }, 401]);
  for (const answer of [httpAnswer(503, "<html>"), httpAnswer(200, "{}"), httpAnswer(200, '{"token":"a\\r\\nb"}'), "reset"] as const) {
    const failed = await opened(context, () => ACCEPTED, () => answer);
    const { outcome } = await failed.send();
    assert.deepEqual(outcome.kind === "refused" && [outcome.permanent, outcome.code], [false, "not-sent"]);
    assert.deepEqual(failed.asked(), ["login"]);
  }
  const gone = createRegulators({ urls: { dga: undefined, sma: "http://127.0.0.1:1" } }).get("sma")!;
  const given = { credentials, nowUs: () => 0, signal: new AbortController().signal };
  assert.deepEqual(await gone.send(frozen(), given).then(({ outcome, httpStatus }) => [outcome, httpStatus]), [{ kind: "refused", permanent: false, code: "not-sent", message: "ECONNREFUSED" }, null]);
});

test("who leaves while a login runs sends nothing, and the others go on", async (context) => {
  const leaving = new AbortController();
  let loggedIn = (): void => undefined;
  const { send, asked, server } = await opened(context, () => ACCEPTED, () => {
    leaving.abort();
    loggedIn();
    return httpAnswer(200, '{"token":"t1"}');
  });
  const begun = new Promise<void>((resolve) => (loggedIn = resolve));
  const [left, stayed] = [send(0, { signal: leaving.signal }), send(0)];
  await begun;
  assert.deepEqual(((await left).outcome as { message: string }).message, "aborted");
  assert.equal((await stayed).outcome.kind, "accepted");
  assert.deepEqual([asked(), server.requests.length], [["login", "t1"], 2]);
  assert.equal((await send(0, { signal: leaving.signal })).outcome.kind, "refused");
});

for (const { vector, name, status, body, outcome } of await goldenList<GoldenAnswer>("sma", "answers")) {
  test(`vector ${vector}: answer "${name}"`, async (context) => {
    const { send, asked } = await opened(context, () => httpAnswer(status, body));
    const result = await send();
    assert.deepEqual([result.outcome, result.httpStatus], [outcome, status]);
    assert.deepEqual(asked(), ["login", "t1"]);
  });
}

test("vector S5: the receipt is all there is: nothing can be verified, and it says so", async (context) => {
  const { regulator, server } = await opened(context, () => ACCEPTED);
  assert.deepEqual(await regulator.verify(frozen(), "5f0c9a1e77", { credentials, signal: new AbortController().signal }), { kind: "unknown", message: "not-offered" });
  assert.equal(server.requests.length, 0);
});

test("what was cut after it may have arrived is unknown, since no answer tells of duplicates", async (context) => {
  const { send } = await opened(context, () => "reset");
  assert.deepEqual((await send()).outcome, { kind: "unknown", why: "no-answer", message: "ECONNRESET" });
});

test("time stamps are Santiago's wall clock: three hours behind in summer, four in winter, one hour twice in autumn", () => {
  assert.deepEqual(["2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z", "2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z"].map((text) => stampOf(us(text))), ["2026-01-15T09:00:00", "2026-07-15T08:00:00", "2026-04-04T23:30:00", "2026-04-04T23:30:00"]);
});
