import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { pageTexts } from "../../../runtime/texts/page.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !name.includes(".test.")).map((name) => readFileSync(`${folder}/${name}`, "utf8")).join("\n");

/** Keys as they stand in the source, and the beginnings of keys that are put together. */
const used = new Set([...sources.matchAll(/"(page\.[\w.-]+)"/g)].map((match) => match[1] ?? ""));
const begun = [...sources.matchAll(/`(page\.[\w.-]*)\$\{/g)].map((match) => match[1] ?? "");

test("every text that the page names is in the catalogue", () => {
  assert.ok(used.size > 150);
  assert.deepEqual([...used].filter((key) => !(key in pageTexts)), []);
  assert.deepEqual(begun.filter((start) => !Object.keys(pageTexts).some((key) => key.startsWith(start))), []);
});

test("every text of the page in the catalogue is used", () => {
  const spare = Object.keys(pageTexts).filter((key) => !used.has(key) && !begun.some((start) => key.startsWith(start)));
  assert.deepEqual(spare, []);
});

test("both languages fill the same places and neither is empty", () => {
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const [key, { en, es }] of Object.entries(pageTexts)) {
    assert.deepEqual(places(es), places(en), key);
    assert.ok(en.trim() !== "" && es.trim() !== "", key);
  }
});
