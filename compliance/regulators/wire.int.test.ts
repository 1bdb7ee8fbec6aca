import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { outcomeOf } from "./dga/answer.ts";
import { regulatorNames, createRegulators, officialUrl } from "./regulators.ts";
import { sendResult } from "./send-result.ts";
import { httpAnswer, rawServer, type RawAnswer } from "./test-parts/raw-server.ts";
import { createWire, type Wire } from "./wire.ts";

const never = new AbortController().signal;
const WITHIN = { timeoutMs: 10_000, signal: never };
const POST = { method: "POST", path: "/x", headers: { "Content-Type": "application/json" }, body: '{"password":"hunter-2"}' } as const;

async function wired(context: TestContext, answer: (request: string, number: number) => RawAnswer): Promise<{ readonly wire: Wire; readonly server: Awaited<ReturnType<typeof rawServer>> }> {
  const server = await rawServer(context, answer);
  return { wire: createWire(`http://127.0.0.1:${server.port}`), server };
}

test("calls after each other go over one connection, and a request is never made twice", async (context) => {
  const { wire, server } = await wired(context, (_, number) => (number < 3 ? httpAnswer(200, "{}") : "reset"));
  assert.equal((await wire.exchange(POST, WITHIN)).kind, "answered");
  assert.equal((await wire.exchange(POST, WITHIN)).kind, "answered");
  const cut = await wire.exchange(POST, WITHIN);
  assert.deepEqual([cut.kind, cut.kind === "failed" && [cut.why, cut.mayHaveArrived, cut.status]], ["failed", ["ECONNRESET", true, null]]);
  assert.deepEqual([server.connections(), server.requests.length], [1, 3]);
});

test("what never answers ends by the time limit or the caller's leaving, and may have arrived", async (context) => {
  const { wire } = await wired(context, () => undefined);
  const late = await wire.exchange(POST, { timeoutMs: 50, signal: never });
  assert.deepEqual(late.kind === "failed" && [late.why, late.mayHaveArrived], ["timeout", true]);
  const leaving = new AbortController();
  const left = wire.exchange(POST, { timeoutMs: 10_000, signal: leaving.signal });
  leaving.abort();
  assert.equal(((await left) as { why: string }).why, "aborted");
  assert.deepEqual(await wire.exchange(POST, { timeoutMs: 10_000, signal: leaving.signal }), { kind: "failed", why: "aborted", status: null, body: "", mayHaveArrived: false, tookMs: 0 });
});

test("where nobody listens nothing can have arrived; where there is no address nothing is tried", async (context) => {
  const { wire, server } = await wired(context, () => httpAnswer(200, "{}"));
  await wire.exchange(POST, WITHIN);
  const refused = await createWire("http://127.0.0.1:1").exchange(POST, WITHIN);
  assert.deepEqual(refused.kind === "failed" && [refused.why, refused.mayHaveArrived], ["ECONNREFUSED", false]);
  const nowhere = await createWire(undefined).exchange(POST, WITHIN);
  assert.deepEqual(nowhere.kind === "failed" && [nowhere.why, nowhere.mayHaveArrived], ["no-address", false]);
  const untrusted = await createWire(`https://127.0.0.1:${server.port}`).exchange(POST, { timeoutMs: 2000, signal: never });
  assert.deepEqual(untrusted.kind === "failed" && untrusted.mayHaveArrived, false, "no password before the other side has shown who it is");
  assert.equal(server.requests.length, 1);
});

test("no redirect is followed with a password in the body", async (context) => {
  const { wire, server } = await wired(context, (_, number) => (number === 1 ? httpAnswer(307, '{"status":"00"}', { Location: "/elsewhere" }) : httpAnswer(200, '{"status":"00"}')));
  const exchanged = await wire.exchange(POST, WITHIN);
  assert.deepEqual(exchanged.kind === "failed" && [exchanged.why, exchanged.status], ["redirect", 307]);
  assert.equal(server.requests.length, 1);
});

test("of an answer at most 64 KiB are read; one that is cut is no answer", async (context) => {
  const long = `{"status":"00","message":"${"x".repeat(100_000)}"}`;
  const { wire } = await wired(context, (_, number) => (number === 1 ? httpAnswer(200, long) : "HTTP/1.1 403 -\r\nContent-Length: 9\r\n\r\n<html>"));
  const cut = await wire.exchange(POST, WITHIN);
  assert.ok(cut.kind === "answered" && cut.answer.body.length === 65_536);
  assert.deepEqual((sendResult(cut, outcomeOf, []).outcome as { why: string }).why, "not-understood");
  const half = await wire.exchange(POST, { timeoutMs: 100, signal: never });
  assert.deepEqual(half.kind === "failed" && [half.why, half.status, half.body], ["timeout", 403, "<html>"]);
  assert.deepEqual(sendResult(half, outcomeOf, []).outcome, { kind: "unknown", why: "blocked", message: "<html>" }, "its status says enough");
});

test("vector P18: a password that the other side repeats comes out nowhere", async (context) => {
  const secret = 'clave"1';
  const { wire } = await wired(context, () => httpAnswer(400, JSON.stringify({ status: "01", message: `contraseña ${secret} no válida` })));
  const result = sendResult(await wire.exchange(POST, WITHIN), outcomeOf, [secret, ""]);
  assert.deepEqual(result.outcome, { kind: "refused", permanent: false, code: "01", message: "contraseña *** no válida" });
  assert.ok(!JSON.stringify(result).includes("clave"));
});

test("passwords go over TLS, but for this machine and a neighbouring container", () => {
  for (const url of ["https://regulator.example.test/api", "http://127.0.0.1:1/x", "http://[::1]:1", "http://localhost", "http://sandbox:8080"]) createWire(url);
  for (const url of ["http://regulator.example.test", "https://u:p@regulator.example.test", "https://regulator.example.test?x=1", "ftp://localhost", "nowhere", ""]) assert.throws(() => createWire(url), { code: "setting" }, url);
});

test("each row of the table is a regulator of its name, with an address of its own over TLS", () => {
  const regulators = createRegulators({ urls: { dga: undefined, sma: undefined } });
  assert.deepEqual([...regulators].map(([key, { name, answersDuplicates }]) => [key, name, answersDuplicates]), [["dga", "dga", true], ["sma", "sma", false]]);
  for (const name of regulatorNames) createWire(officialUrl(name));
});
