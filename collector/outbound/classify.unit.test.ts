import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../providers/provider.ts";
import { classify, MAX_HOLD_MS } from "./classify.ts";
import { retryAfterMs } from "./retry-after.ts";

const nowUs = Date.parse("2026-03-01T12:00:00Z") * 1000;
const answer = (status: number, headers: Record<string, string> = {}, body = ""): Answer => ({ status, headers, body: Buffer.from(body) });
const options = { provider: {}, shown: "GET api.test/x", quote: (body: Uint8Array) => Buffer.from(body).toString(), text: (said: string) => said.replaceAll("s3cret", "-"), nowUs };

test("Retry-After is seconds or a date, held against the answer's own date", () => {
  const after = (headers: Record<string, string>) => retryAfterMs({ headers }, nowUs);
  assert.equal(after({ "retry-after": "30" }), 30_000);
  assert.equal(after({ "retry-after": " 1.5 " }), 1500);
  assert.equal(after({ "retry-after": "Sun, 01 Mar 2026 12:00:20 GMT" }), 20_000);
  assert.equal(after({ "retry-after": "Sun, 01 Mar 2026 12:00:20 GMT", date: "Sun, 01 Mar 2026 12:00:15 GMT" }), 5000);
  assert.equal(after({ "retry-after": "Sun, 01 Mar 2026 11:00:00 GMT" }), 0);
  for (const nothing of [{}, { "retry-after": "" }, { "retry-after": "soon" }] as Record<string, string>[]) assert.equal(after(nothing), undefined);
});

test("statuses mean what is usual, unless the provider says otherwise", () => {
  const kindOf = (status: number) => classify(answer(status), options)?.kind;
  assert.deepEqual([200, 204, 299].map(kindOf), [undefined, undefined, undefined]);
  assert.deepEqual([400, 401, 403, 404, 410, 429, 408, 500, 502, 503, 504, 418].map(kindOf), [
    "config_error", "auth_failed", "auth_failed", "config_error", "config_error", "rate_limited", "request_failed", "request_failed", "request_failed", "request_failed", "request_failed", "request_failed",
  ]);
  assert.deepEqual(classify(answer(400, {}, "what?"), options), { kind: "config_error", status: 400, detail: "GET api.test/x answered 400: what?" });
  const provider = { classify: ({ status }: Answer) => (status === 403 ? ({ kind: "rate_limited", detail: "too many, s3cret" } as const) : undefined) };
  assert.deepEqual(classify(answer(403, { "retry-after": "7" }), { ...options, provider }), { kind: "rate_limited", status: 403, detail: "GET api.test/x answered 403: too many, -", retryAfterMs: 7000 });
  assert.equal(classify(answer(404), { ...options, provider })?.kind, "config_error");
});

test("a provider that asks for a year is given fifteen minutes", () => {
  assert.equal(classify(answer(429, { "retry-after": "31536000" }), options)?.retryAfterMs, MAX_HOLD_MS);
});

test("a redirect is not followed, and its host is named without its path", () => {
  const failure = classify(answer(302, { location: "https://login.other.test/sign-in?token=s3cret" }), options);
  assert.equal(failure?.kind, "config_error");
  assert.match(failure.detail, /^GET api\.test\/x answered 302 and points to login\.other\.test;/);
  assert.ok(!failure.detail.includes("s3cret"));
  assert.match(classify(answer(301, { location: "/elsewhere" }), options)!.detail, /another path of the same host/);
  assert.match(classify(answer(304), options)!.detail, /nowhere/);
});
