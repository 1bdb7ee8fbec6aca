import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCompatibility, checkSchemas, fingerprint } from "./compatibility.ts";
import { generateTypes } from "./generate-types.ts";
import { readFileSync } from "node:fs";

const subject = "caudal.example-value";
const record = (fields: object[]): string => JSON.stringify({ type: "record", name: "Example", namespace: "caudal", fields });
const id = { name: "id", type: "string" };

test("the committed schemas keep every rule", () => {
  assert.deepEqual(checkSchemas(), []);
});

test("the committed types are those of the committed schemas", () => {
  assert.equal(readFileSync(new URL("generated/types.ts", import.meta.url), "utf8"), generateTypes());
});

test("a new field with a default is compatible both ways", () => {
  const v2 = record([id, { name: "site", type: "string", default: "" }]);
  assert.deepEqual(checkCompatibility([{ subject, version: 1, json: record([id]) }, { subject, version: 2, json: v2 }]), []);
});

test("a new field without a default is named, with the version that it cannot read", () => {
  const v2 = record([id, { name: "site", type: "string" }]);
  const findings = checkCompatibility([{ subject, version: 1, json: record([id]) }, { subject, version: 2, json: v2 }]);
  assert.equal(findings.length, 1);
  assert.deepEqual([findings[0]?.what, findings[0]?.version], ["incompatible", 2]);
  assert.match(findings[0]?.detail ?? "", /cannot read version 1/);
});

test("compatibility is transitive: version 3 must read version 1, not only version 2", () => {
  const v1 = record([id, { name: "site", type: "string" }]);
  const v2 = record([id, { name: "site", type: "string", default: "" }]);
  const v3 = record([id]);
  const findings = checkCompatibility([v1, v2, v3].map((json, index) => ({ subject, version: index + 1, json })));
  assert.deepEqual(findings.map((finding) => [finding.version, finding.what]), [[1, "incompatible"]]);
  assert.match(findings[0]?.detail ?? "", /cannot read version 3/);
});

test("another type for a field, an enum, and text that is no schema are each found", () => {
  const changed = checkCompatibility([{ subject, version: 1, json: record([id]) }, { subject, version: 2, json: record([{ name: "id", type: "long" }]) }]);
  assert.deepEqual(changed.map((finding) => finding.what), ["incompatible", "incompatible"]);
  const kind = { name: "kind", type: { type: "enum", name: "Kind", symbols: ["a"] } };
  assert.equal(checkCompatibility([{ subject, version: 1, json: record([id, kind]) }])[0]?.what, "enum");
  assert.equal(checkCompatibility([{ subject, version: 1, json: "{\"type\":\"recod\"}" }])[0]?.what, "not-avro");
});

test("a fingerprint follows meaning, not layout or docs", () => {
  const plain = record([id]);
  assert.equal(fingerprint(plain), fingerprint(JSON.stringify(JSON.parse(plain), null, 4)));
  assert.notEqual(fingerprint(plain), fingerprint(record([{ name: "key", type: "string" }])));
});
