import assert from "node:assert/strict";
import { test } from "node:test";
import { dropReasons, errorCodes, flagReasons, parkReasons } from "@caudal/core";
import { catalogue, text, textsFor } from "./catalogue.ts";
import { cliTexts } from "./cli.ts";
import { chooseLanguage, fill, languages } from "./language.ts";
import { pageTexts } from "./page.ts";
import { problems } from "./problems.ts";

const placeholders = (value: string): string[] => [...value.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

test("every text says something in each language, with the same values in it", () => {
  for (const [key, value] of Object.entries(catalogue)) {
    assert.deepEqual(Object.keys(value).sort(), [...languages].sort(), key);
    for (const language of languages) assert.notEqual(value[language].trim(), "", `${key} ${language}`);
    assert.deepEqual(placeholders(value.es), placeholders(value.en), key);
    assert.doesNotMatch(value.en + value.es, /\bTODO\b|\bFIXME\b|lorem ipsum|\?\?\?/, key);
  }
});

test("sentences are not the same text in both languages", () => {
  const sentences = Object.entries(catalogue).filter(([, value]) => value.en.replace(/\{\w+\}|`[^`]*`/g, "").trim().split(/\s+/).length >= 4);
  assert.ok(sentences.length > 50);
  for (const [key, value] of sentences) assert.notEqual(value.en, value.es, key);
});

test("no key stands in two tables", () => {
  const page = new Set(Object.keys(pageTexts));
  for (const key of Object.keys(cliTexts)) assert.ok(!page.has(key), key);
  for (const key of [...page, ...Object.keys(cliTexts)]) assert.doesNotMatch(key, /^(flag|reason|drop|park|problem)\./, key);
});

test("every registered code has its text", () => {
  for (const code of flagReasons) assert.ok(text("es", `reason.${code}`));
  for (const code of dropReasons) assert.ok(text("es", `drop.${code}`));
  for (const code of parkReasons) assert.ok(text("es", `park.${code}`) && text("es", `park.${code}.next`));
  for (const code of [...parkReasons, ...errorCodes]) {
    assert.ok(problems[code].status >= 400 && problems[code].status < 600, code);
    assert.ok(text("en", `problem.${code}.next`));
  }
});

test("values stand where their names are, and a missing one shows its name", () => {
  const template = { en: "{a} and {b}", es: "{a} y {b}" };
  assert.equal(fill(template, "es", { a: 1, b: "dos" }), "1 y dos");
  assert.equal(fill(template, "en", { a: "{b}" }), "{b} and {b}");
  assert.equal(text("en", "problem.internal", { unused: 1 }), "A fault of the server");
});

test("the page gets one language by key", () => {
  const spanish = textsFor("es");
  assert.equal(spanish["flag.3"], "Sospechoso");
  assert.equal(Object.keys(spanish).length, Object.keys(catalogue).length);
});

test("the language is the one asked for, else the header's best, else English", () => {
  assert.equal(chooseLanguage("es", "en"), "es");
  assert.equal(chooseLanguage("es-CL", undefined), "es");
  assert.equal(chooseLanguage("fr", "es-CL,es;q=0.9,en;q=0.8"), "es");
  assert.equal(chooseLanguage(undefined, "en;q=0.4, es;q=0.8"), "es");
  assert.equal(chooseLanguage(undefined, "fr, de"), "en");
  assert.equal(chooseLanguage(undefined, "es;q=0"), "en");
  assert.equal(chooseLanguage(undefined, undefined), "en");
  assert.equal(chooseLanguage(undefined, ",;q=,,es".repeat(1000)), "es");
});
