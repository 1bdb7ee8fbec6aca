import assert from "node:assert/strict";
import { formatInstant } from "@caudal/core";
import { classify } from "../../outbound/classify.ts";
import type { Failure, Normalised, Provider, ProviderRequest } from "../provider.ts";
import { answerOf, askOf, type Fixture } from "./fixture.ts";

/** What comes of an answer: what its status says, and for a good one what the provider makes of it. */
export function outcomeOf(provider: Provider, fixture: Fixture): Normalised {
  const answer = answerOf(fixture);
  const failure: Failure | undefined = classify(answer, { provider, shown: "GET /", quote: (body) => Buffer.from(body).toString("utf8", 0, 200), text: (said) => said, nowUs: fixture.now });
  return failure ?? provider.normalise(answer, askOf(provider, fixture));
}

/** The request that the provider makes of the fixture's ask, and what it makes of the answer. */
export function checkFixture(provider: Provider, fixture: Fixture): void {
  const request = provider.request(askOf(provider, fixture));
  if (fixture.request !== undefined) checkRequest(request, fixture.request);
  checkOutcome(outcomeOf(provider, fixture), fixture.expect);
}

function checkRequest(request: ProviderRequest, expected: NonNullable<Fixture["request"]>): void {
  if (expected.method !== undefined) assert.equal(request.method, expected.method);
  if (expected.path !== undefined) assert.equal(request.path, expected.path);
  if (expected.query !== undefined) assert.deepEqual(request.query ?? [], expected.query);
  if (expected.headers !== undefined) assert.deepEqual(request.headers ?? {}, expected.headers);
  if (expected.json !== undefined) assert.deepEqual(request.json, expected.json);
  if (expected.form !== undefined) assert.deepEqual(request.form, expected.form);
}

function checkOutcome(outcome: Normalised, { kind, samples, labels, next, detail, refused, retryAfterMs }: Fixture["expect"]): void {
  assert.equal(outcome.kind, kind, "detail" in outcome ? outcome.detail : "");
  const details = outcome.kind === "ok" ? (outcome.refused ?? []).map((row) => row.detail) : [outcome.detail];
  if (detail !== undefined) assert.ok(details.some((each) => new RegExp(detail).test(each)), `no detail like ${detail} in ${JSON.stringify(details)}`);
  if (outcome.kind === "ok" || outcome.kind === "no_data") {
    assert.deepEqual(outcome.next, next);
    // A page may be kept in a checkpoint.
    if (outcome.next !== undefined) assert.deepEqual(JSON.parse(JSON.stringify(outcome.next)), outcome.next);
  }
  if (outcome.kind !== "ok") {
    assert.equal("samples" in outcome, false, "a failure carries no value");
    if (retryAfterMs !== undefined) assert.equal("retryAfterMs" in outcome ? outcome.retryAfterMs : undefined, retryAfterMs);
    return;
  }
  if (samples !== undefined) {
    const readable = outcome.samples.map(({ key, value, unit, timeUs }) => ({ key, value, unit, time: formatInstant(timeUs) }));
    assert.deepEqual(readable, samples.map(({ key, value, unit, time }) => ({ key, value, unit, time: formatInstant(time) })));
  }
  if (labels !== undefined) assert.deepEqual(outcome.labels ?? {}, labels);
  assert.equal(outcome.refused?.length ?? 0, refused, details.join("; "));
  for (const { raw } of outcome.refused ?? []) assert.ok(raw.byteLength > 0, "a refused row is parked whole");
}
