import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, errorCodes } from "@caudal/core";
import { createHeldClock } from "../clock/held-clock.ts";
import { contentEtag, checkIfMatch, matchesIfNoneMatch, versionEtag } from "./etag.ts";
import { createHealth } from "./health.ts";
import { createBuckets } from "./limits.ts";
import { Problem, problemDocument, problemFrom, problemTexts } from "./problem.ts";
import { eventText } from "./stream.ts";

test("a problem is told in the caller's language, with a stable code and the next step", () => {
  const problem = new Problem("invalid-body", { detail: { en: "no", es: "no es" }, field: "body.a", errors: [{ field: "body.a", detail: { en: "x", es: "y" } }], next: "Do it." });
  assert.deepEqual(problemDocument(problem, "es", "urn:uuid:1"), {
    type: "urn:caudal:problem:invalid-body", title: "El cuerpo no es válido", status: 400, detail: "no es", code: "invalid-body", field: "body.a", next: "Do it.",
    errors: [{ field: "body.a", detail: "y" }], instance: "urn:uuid:1",
  });
  assert.equal(problem.message, "no");
  assert.equal(new Problem("too-large").status, 413);
  assert.equal(new Problem("too-large", { status: 400 }).status, 400);
  assert.equal(problemTexts("empty", "es").title, "Vacío");
});

test("a port's error is the problem of its code; the words of our own faults stay inside", () => {
  for (const code of errorCodes) {
    const problem = problemFrom(new CaudalError(code, "disk sda1 of 10.0.0.1"));
    assert.equal(problem.code, code);
    assert.equal(JSON.stringify(problemDocument(problem, "en")).includes("sda1"), problem.status < 500, code);
  }
  assert.equal(problemFrom(new CaudalError("unavailable", "x", { afterMs: 2500 })).options.headers?.["Retry-After"], "3");
  assert.equal(problemFrom(new CaudalError("unavailable", "x")).options.headers?.["Retry-After"], "1");
  const bug = problemFrom(new TypeError("secret inside"));
  assert.deepEqual([bug.code, bug.status, JSON.stringify(problemDocument(bug, "en")).includes("secret")], ["internal", 500, false]);
  const known = new Problem("empty");
  assert.equal(problemFrom(known), known);
  assert.equal(problemFrom(Object.assign(new URIError("x"), { status: 400 })).code, "bad-escape");
  assert.equal(problemFrom(Object.assign(new Error("x"), { status: 404 })).code, "not-found");
  assert.equal(problemFrom(Object.assign(new Error("x"), { status: 403 })).code, "forbidden");
  assert.equal(problemFrom(Object.assign(new Error("x"), { status: 400 })).code, "bad-request");
});

test("If-Match names the version that is changed, If-None-Match the one that is held", () => {
  checkIfMatch({}, 3);
  checkIfMatch({ "if-match": versionEtag(3) }, 3);
  checkIfMatch({ "if-match": '"1", "3"' }, 3);
  checkIfMatch({ "if-match": "*" }, 3);
  assert.throws(() => checkIfMatch({ "if-match": '"2"' }, 3), (error) => error instanceof Problem && error.status === 412 && error.options.headers?.["ETag"] === '"3"');
  assert.throws(() => checkIfMatch({ "if-match": 'W/"3"' }, 3), Problem);
  const etag = contentEtag("abc");
  assert.match(etag, /^"[\w-]{27}"$/);
  assert.ok(matchesIfNoneMatch({ "if-none-match": `"x", W/${etag}` }, etag));
  assert.ok(!matchesIfNoneMatch({ "if-none-match": '"x"' }, etag) && !matchesIfNoneMatch({}, etag));
});

test("an event's text cannot be broken out of", () => {
  assert.equal(eventText({ id: "1\n\r2", event: "a\nb", data: "x\ny\r\nz\rw" }), "id: 12\nevent: ab\ndata: x\ndata: y\ndata: z\ndata: w\n\n");
  assert.equal(eventText({ data: "" }), "data: \n\n");
});

test("health is that of its worst part; a part that throws is failing", async () => {
  const health = createHealth();
  assert.deepEqual(await health.report(), { status: "ok", components: [] });
  health.add("log", () => ({ status: "ok" }));
  const remove = health.add("disk", async () => ({ status: "degraded", detail: "90 % full" }));
  assert.deepEqual(await health.report(), { status: "degraded", components: [{ name: "log", status: "ok" }, { name: "disk", status: "degraded", detail: "90 % full" }] });
  remove();
  health.add("cold", () => Promise.reject(new RangeError("at 10.0.0.1")));
  assert.deepEqual((await health.report()).components.at(-1), { name: "cold", status: "failing", detail: "RangeError" });
});

test("a bucket fills with time and is bounded by its burst and by its keys", () => {
  const clock = createHeldClock();
  const buckets = createBuckets({ perS: 2, burst: 2, clock });
  assert.deepEqual([buckets.peek("a"), buckets.take("a"), buckets.take("a"), buckets.take("a"), buckets.peek("a"), buckets.take("b")], [0, 0, 0, 500, 500, 0]);
  void clock.advance(500);
  for (let key = 0; key < 10_001; key++) buckets.take(`k${key}`);
  assert.equal(buckets.take("a"), 0);
});
