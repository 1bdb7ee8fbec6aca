import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { kindOf, isFinal, toCaudal, WireLost } from "./failure.ts";
import { errorOfCode, exchangeOfVersion, KAFKAJS_VERSION } from "./kafkajs.ts";
import { insist, pauseAfter } from "./patience.ts";

const require = createRequire(import.meta.url);

test("the kafkajs whose inside is used is the one installed and declared", () => {
  const installed = (require("kafkajs/package.json") as { version: string }).version;
  const declared = (require("../package.json") as { dependencies: Record<string, string> }).dependencies["kafkajs"];
  assert.deepEqual([installed, declared], [KAFKAJS_VERSION, KAFKAJS_VERSION], "read its connection, its requests and its errors again before moving to another version (ADR 0007)");
});

test("every request that is used is there", () => {
  for (const [api, version] of [["Produce", 7], ["Fetch", 11], ["JoinGroup", 5], ["OffsetCommit", 5], ["OffsetFetch", 4], ["Metadata", 6], ["ApiVersions", 2]] as const) {
    const options = { topics: [], topicData: [], groupProtocols: [] };
    assert.equal(exchangeOfVersion(api, version, options).request.apiVersion, version, api);
  }
});

test("Kafka's errors become the port's", () => {
  for (const [code, expected] of [[3, "unknown-topic"], [10, "too-large"], [1, "offset-out-of-range"], [22, "stale-generation"], [25, "stale-generation"], [29, "forbidden"], [38, "setting"], [7, "unavailable"], [19, "unavailable"]] as const) {
    const error = errorOfCode(code);
    assert.ok(hasCode(toCaudal(error, "test"), expected), `${code}: ${toCaudal(error, "test").code}`);
    assert.equal(isFinal(error), expected !== "unavailable");
  }
  const wrapped = Object.assign(new Error("wrapped"), { name: "KafkaJSNumberOfRetriesExceeded", cause: errorOfCode(29) });
  assert.equal(kindOf(wrapped), "TOPIC_AUTHORIZATION_FAILED");
  assert.equal(kindOf(Object.assign(new Error("aggregate"), { errors: [errorOfCode(36)] })), "TOPIC_ALREADY_EXISTS");
  assert.equal(kindOf("text"), "UNKNOWN");
  assert.ok(hasCode(toCaudal(new WireLost("gone"), "test"), "unavailable"));
  assert.ok(hasCode(toCaudal("text", "test"), "unavailable"));
});

test("patience tries what may pass and ends with what is final, the time or the signal", async () => {
  let calls = 0;
  const flaky = async (): Promise<number> => {
    calls += 1;
    if (calls < 3) throw new WireLost("again");
    return calls;
  };
  assert.equal(await insist(flaky, { doing: "flaky", withinMs: 5000 }), 3);
  const failing = (code: number) => async (): Promise<never> => {
    calls += 1;
    throw errorOfCode(code);
  };
  calls = 0;
  await assert.rejects(insist(failing(29), { doing: "denied", withinMs: 5000 }), (error) => hasCode(error, "forbidden"));
  assert.equal(calls, 1);
  await assert.rejects(insist(failing(7), { doing: "slow", withinMs: 60 }), (error) => hasCode(error, "unavailable") && /^CaudalError: slow/.test(String(error)));
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 30);
  await assert.rejects(insist(failing(7), { doing: "slow", withinMs: 5000, signal: abort.signal }), { name: "AbortError" });
  assert.ok(pauseAfter(100, 10, 500) <= 625 && pauseAfter(0, 10, 500) >= 7.5);
});
