import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Answer, Normalised, Provider } from "./provider.ts";
import { providers } from "./providers.ts";
import { answerOf, askOf, fixturesOf, type Fixture } from "./test-parts/fixture.ts";
import { foundIn, holds } from "./test-parts/found-in.ts";

const outcomes = ["ok", "no_data", "auth_failed", "config_error", "rate_limited", "request_failed", "bad_payload"];
/** Those whose values stand in the answer as they are: others decode bytes or leave zeros out. */
const literal = new Set(["tdata", "thingsboard", "thethings-io", "tagoio"]);

for (const provider of providers) {
  const fixtures = (await fixturesOf(provider)).map(([, fixture]) => fixture).filter(({ answer }) => answer.status < 300);
  // That each provider has fixtures is another test's.
  if (fixtures.length === 0) continue;
  const asks = fc.constantFrom(...fixtures);

  describe(`${provider.id}: whatever the body is`, () => {
    test("random bytes are an outcome, and no sample", () => {
      fc.assert(fc.property(asks, fc.uint8Array({ maxLength: 200 }), (fixture, body) => { check(provider, fixture, body); }), { numRuns: 150 });
    });

    test("random JSON is an outcome, and no sample that it does not hold", () => {
      const json = fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text, "utf8"));
      fc.assert(fc.property(asks, json, (fixture, body) => { check(provider, fixture, body); }), { numRuns: 300 });
    });

    test("a good answer with a part exchanged is an outcome, and no sample that it does not hold", () => {
      const strange = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, "", "NaN", "-0", -0, "1,5", "1e999", 1e308, "2026-03-01T12:00:00Z", "__proto__", [], {}, true, 1772366400000, -3200));
      fc.assert(fc.property(asks, fc.nat(), strange, fc.boolean(), (fixture, at, value, removes) => {
        check(provider, fixture, exchanged(fixture, at, removes ? undefined : value));
      }), { numRuns: 600 });
    });

    test("a good answer that is cut, or has a byte changed, is an outcome, and no sample that it does not hold", () => {
      fc.assert(fc.property(asks, fc.nat(), fc.option(fc.integer({ min: 0, max: 255 })), (fixture, at, byte) => {
        const whole = answerOf(fixture).body;
        const place = whole.length === 0 ? 0 : at % whole.length;
        const changed = byte === null ? whole.slice(0, place) : Uint8Array.from(whole, (before, index) => (index === place ? byte : before));
        check(provider, fixture, changed);
      }), { numRuns: 600 });
    });

    test("deep nesting and inherited names harm nothing", () => {
      for (const fixture of fixtures) {
        for (const text of ["[".repeat(100_000), `${"[".repeat(5000)}${"]".repeat(5000)}`, '{"__proto__":[{"ts":1772366400000,"value":1}]}', '{"status":true,"result":{"length":3}}', '{"constructor":1}']) check(provider, fixture, Buffer.from(text));
      }
    });
  });
}

function check(provider: Provider, fixture: Fixture, body: Uint8Array): void {
  const answer: Answer = { status: 200, headers: fixture.answer.headers, body };
  const outcome: Normalised = provider.normalise(answer, askOf(provider, fixture));
  assert.ok(outcomes.includes(outcome.kind), outcome.kind);
  if (outcome.kind !== "ok") {
    assert.equal("samples" in outcome, false);
    assert.ok(outcome.detail.length > 0 && outcome.detail.length < 2000);
    return;
  }
  assert.ok(outcome.samples.length + (outcome.refused?.length ?? 0) + Object.keys(outcome.labels ?? {}).length > 0, "ok says something");
  for (const { raw, detail } of outcome.refused ?? []) assert.ok(raw.byteLength > 0 && detail.length > 0);
  for (const { key, timeUs } of outcome.samples) {
    assert.ok(Number.isSafeInteger(timeUs), key);
    if (literal.has(provider.id)) assert.ok(fixture.keys.includes(key), `${key} was not asked for`);
  }
  if (!literal.has(provider.id)) return;
  const found = foundIn(body);
  for (const sample of outcome.samples) assert.ok(holds(found, sample), `invented ${JSON.stringify(sample)} from ${Buffer.from(body).toString()}`);
}

/** The fixture's answer with its at-th node replaced, or taken out. */
function exchanged(fixture: Fixture, at: number, value: unknown): Uint8Array {
  const body = answerOf(fixture).body;
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return body;
  }
  const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ parent: node as Record<string, unknown>, key });
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  const place = places[places.length === 0 ? 0 : at % places.length];
  if (place === undefined) return Buffer.from(JSON.stringify(value) ?? "");
  if (value === undefined) delete place.parent[place.key];
  else place.parent[place.key] = value;
  return Buffer.from(JSON.stringify(root), "utf8");
}
