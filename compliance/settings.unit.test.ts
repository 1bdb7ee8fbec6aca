import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSettings } from "@caudal/runtime";
import { officialUrls, regulatorUrls } from "./regulator-urls.ts";
import { complianceSettings, type ComplianceSettings } from "./settings.ts";

const read = (env: Readonly<Record<string, string>>): ComplianceSettings => parseSettings(complianceSettings, { env });
const sandbox = { dga: "http://127.0.0.1:9/api/v1", sma: "http://127.0.0.1:9" };

test("the sandbox is the default, and nothing but live asks a regulator", () => {
  assert.equal(read({}).mode, "sandbox");
  assert.deepEqual(regulatorUrls(read({}), sandbox), sandbox);
  assert.deepEqual(regulatorUrls(read({}), {}), { dga: undefined, sma: undefined });
  for (const mode of ["off", "shadow"]) assert.deepEqual(regulatorUrls(read({ CAUDAL_DGA_MODE: mode, CAUDAL_DGA_URL: "https://example.test" }), sandbox), { dga: undefined, sma: undefined });
  assert.deepEqual(regulatorUrls(read({ CAUDAL_DGA_MODE: "live" }), sandbox), officialUrls);
  assert.equal(regulatorUrls(read({ CAUDAL_DGA_MODE: "LIVE", CAUDAL_DGA_URL: "https://example.test/api/" }), sandbox).dga, "https://example.test/api");
});

test("a sandbox is no host of the government, and passwords leave the machine encrypted only", () => {
  assert.throws(() => regulatorUrls(read({ CAUDAL_DGA_URL: "https://apimee.mop.gob.cl/api/v1" }), sandbox), { code: "setting" });
  assert.throws(() => regulatorUrls(read({ CAUDAL_SMA_URL: "https://conexiones.SMA.gob.cl" }), sandbox), { code: "setting" });
  assert.throws(() => regulatorUrls(read({ CAUDAL_DGA_MODE: "live", CAUDAL_DGA_URL: "http://example.test" }), sandbox), { code: "setting" });
  assert.equal(regulatorUrls(read({ CAUDAL_DGA_MODE: "live", CAUDAL_DGA_URL: "http://127.0.0.1:9" }), sandbox).dga, "http://127.0.0.1:9");
  assert.equal(regulatorUrls(read({ CAUDAL_DGA_URL: "http://sandbox:8080/api/v1" }), sandbox).dga, "http://sandbox:8080/api/v1");
});

test("settings that cannot be are told, a key without its words", () => {
  assert.throws(() => read({ CAUDAL_DGA_MODE: "on" }), /expected one of off, sandbox, shadow, live/);
  for (const url of ["ftp://example.test", "https://user:pw@example.test", "https://example.test/?a=1", "no"]) assert.throws(() => read({ CAUDAL_DGA_URL: url }), /expected an http or https URL/);
  assert.throws(() => read({ CAUDAL_SECRETS_KEY: "c2hvcnQtYW5kLXNlY3JldA==" }), (error: Error) => error.message.includes("32 bytes in base64") && !error.message.includes("c2hvcnQ"));
  const key = Buffer.alloc(32, 7);
  assert.deepEqual(Buffer.from(read({ CAUDAL_SECRETS_KEY: key.toString("base64") }).secretsKey ?? []), key);
  const { roundEveryMs, postTimeoutMs, getTimeoutMs, centrePauseMs } = read({});
  assert.deepEqual([roundEveryMs, postTimeoutMs, getTimeoutMs, centrePauseMs], [10_000, 15_000, 10_000, 1000]);
});
