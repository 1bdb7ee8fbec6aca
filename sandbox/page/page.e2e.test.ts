import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { AxeResults } from "axe-core";
import { chromium, type Page } from "playwright-core";
import { findChromium, skipWithoutChromium } from "../../tools/chromium.ts";
import { got, NOON, opened, secretOf } from "../test-parts/opened.ts";
import { pageTexts, languageOf } from "./texts.ts";

const missing = skipWithoutChromium();
if (missing !== false && process.env["CI"] === "true") throw new Error(missing);

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The page's own policy forbids scripts from elsewhere, so axe comes by the debugger. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const result = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

test("the frame in both languages, with no inline script and no secret, under a policy that allows none", async (context) => {
  const { sandbox } = await opened(context);
  for (const [lang, title] of [["en", "Provider sandbox"], ["es", "Proveedores de prueba"]] as const) {
    const { text, headers } = await got(`${sandbox.url}/`, { "accept-language": `${lang}-CL,${lang};q=0.9` });
    assert.match(text, new RegExp(`<html lang="${lang}">[^]*<h1>${title}</h1>`));
    assert.doesNotMatch(text, /<script>|<script [^>]*>[^<]| on\w+="|<style/);
    assert.match(headers.get("content-security-policy") ?? "", /script-src 'self'/);
    const state = await got(`${sandbox.url}/sandbox/state`);
    for (const secret of sandbox.accounts().flatMap((account) => [account, ...account.devices]).flatMap(({ secrets }) => Object.values(secrets))) assert.ok(!text.includes(secret) && !state.text.includes(secret));
  }
  assert.deepEqual(Object.keys(pageTexts("en")), Object.keys(pageTexts("es")));
  assert.deepEqual([languageOf("fr, es;q=0.5", null), languageOf(undefined, null), languageOf("es", "en")], ["es", "en", "en"]);
  assert.match((await got(`${sandbox.url}/assets/page/page.js`)).text, /parts\.js/);
});

test("a person sees devices, rates and requests, and switches quirks; axe finds nothing, light and dark", { skip: missing }, async (context) => {
  const { sandbox, account, device } = await opened(context);
  const ask = () => got(`${account("tagoio").baseUrl}/data`, { "device-token": secretOf(device("tagoio"), "token") });
  await ask();
  const executablePath = findChromium();
  const browser = await chromium.launch({ args: flags, ...(executablePath === undefined ? {} : { executablePath }) });
  context.after(() => browser.close());
  const broken: string[] = [];
  for (const [lang, colorScheme, width] of [["en", "light", 1280], ["es", "dark", 390]] as const) {
    const page = await browser.newPage({ locale: lang, colorScheme, viewport: { width, height: 844 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => message.type() === "error" && broken.push(message.text()));
    await page.goto(`${sandbox.url}/?lang=${lang}`);
    await page.waitForSelector("body[data-ready]");
    assert.equal(await page.locator("#devices tr").count(), 24);
    assert.match((await page.locator("#newest").textContent()) ?? "", /GET \/data/);
    assert.match((await page.locator("#rates").textContent()) ?? "", /tagoio-1 \/data/);
    assert.deepEqual(await violations(page), []);
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no wider than its window");
    await page.selectOption("#provider", "tagoio");
    await page.click('[data-quirk="http-500"] input[type=checkbox]');
    await page.locator("#notice", { hasText: "http-500" }).waitFor();
    assert.deepEqual(sandbox.quirks.current(NOON), { tagoio: { "http-500": 0.05 } });
    await page.fill('[data-quirk="http-500"] input[type=number]', "1");
    await page.locator('[data-quirk="http-500"] input[type=number]').blur();
    await page.locator("#notice", { hasText: /: 1$/ }).waitFor();
    assert.equal((await ask()).status, 500);
    assert.ok(await page.locator('[data-quirk="error-line"]').isHidden(), "what the provider cannot show is not offered");
    await page.click("#all-off");
    await page.locator('[data-quirk="http-500"] input[type=checkbox]:not(:checked)').waitFor();
    assert.deepEqual(sandbox.quirks.current(NOON), {});
    await page.close();
  }
  assert.deepEqual(broken, []);
});
