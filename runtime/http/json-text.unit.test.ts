import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonFault } from "./json-place.ts";
import { deeperThan, MAX_JSON_DEPTH, parseJsonBytes, parseJsonText } from "./json-text.ts";

const why = (text: string): string => {
  const parsed = parseJsonText(text);
  return parsed.ok ? "ok" : `${parsed.why}: ${parsed.detail}`;
};

test("JSON is parsed, a byte order mark is taken off", () => {
  assert.deepEqual(parseJsonBytes(Buffer.from('\ufeff{"a":[1,"é"]}')), { ok: true, value: { a: [1, "é"] }, text: '{"a":[1,"é"]}' });
  assert.deepEqual(parseJsonText("1e308"), { ok: true, value: 1e308, text: "1e308" });
});

test("invalid UTF-8, nothing, and broken JSON say what they are and where, without quoting", () => {
  const invalid = parseJsonBytes(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
  assert.equal(invalid.ok ? "" : invalid.why, "invalid-utf8");
  assert.equal(why("  \n"), "empty: there is nothing to read");
  assert.equal(why('{"a": 1,\n "b": hunter2}'), "malformed-json: not JSON at line 2 column 7");
  assert.equal(why('{"a": [1, 2'), "malformed-json: ends too early, at line 1 column 12");
  assert.match(why("NaN"), /^malformed-json: not JSON at line 1 column 1$/);
  for (const broken of ["{", '{"a"', "[1,]", "{'a':1}", "tru", '"abc', "\u0000"]) assert.match(why(broken), /^malformed-json/, broken);
});

test("the place of a fault is where JSON ends, for every text", () => {
  const cases: [string, number | undefined][] = [
    ['{"a":[1,{"b":null}],"c":"\\u00e9"}', undefined], [" [] ", undefined], ["-0.5e+3", undefined], ["01", 0], ["1 2", 2], ["[1,]", 3], ['{"a" 1}', 5], ['{"a":1,}', 7], ['["\\x"]', 1], ["[1}", 2], ["nul", 0], ["", 0],
  ];
  for (const [text, place] of cases) assert.equal(jsonFault(text), place, text);
});

test("depth is measured outside of strings, before anything recurses", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  assert.equal(why(nested(MAX_JSON_DEPTH)), "ok");
  assert.match(why(nested(MAX_JSON_DEPTH + 1)), /^too-deep/);
  assert.match(why('{"a":'.repeat(500_000)), /^too-deep/);
  assert.equal(why(JSON.stringify({ a: '[[[["\\'.repeat(100) })), "ok");
  assert.equal(deeperThan('[1],[2],{"a":[]}', 2), false);
});
