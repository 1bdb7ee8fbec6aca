import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test, type TestContext } from "node:test";
import type { AxeResults } from "axe-core";
import { chromium, type Page } from "playwright-core";
import { findChromium, skipWithoutChromium } from "../../../tools/chromium.ts";
import { openRegulatorSandbox, regulatorQuirkNames, type RegulatorSandbox } from "../../index.ts";
import { got, NOON, type Got } from "../../test-parts/opened.ts";
import { regulatorPageTexts } from "./texts.ts";

const missing = skipWithoutChromium();
if (missing !== false && process.env["CI"] === "true") throw new Error(missing);

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = "clave-sintetica";

/** The page's own policy forbids scripts from elsewhere, so axe comes by the debugger. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const result = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

async function opened(context: TestContext): Promise<{ readonly sandbox: RegulatorSandbox; readonly post: (code: string, hour: number) => Promise<Got> }> {
  const sandbox = await openRegulatorSandbox({ seed: "page", nowMs: () => NOON });
  context.after(() => sandbox.close());
  return {
    sandbox,
    post: (code, hour) => got(`${sandbox.baseUrls.dga}/mediciones/subterraneas`, { codigoObra: code, timeStampOrigen: "2026-03-01T08:00:30-0000" }, {
      autenticacion: { password: PASSWORD, rutEmpresa: "76543210-3", rutUsuario: "12345678-5" },
      medicionSubterranea: { caudal: "15.30", fechaMedicion: "2026-03-01", horaMedicion: `0${hour}:00:00`, nivelFreaticoDelPozo: "", totalizador: "1010" },
    }),
  };
}

test("the frame in both languages, with no inline script and no secret, under a policy that allows none", async (context) => {
  const { sandbox, post } = await opened(context);
  await post("OB-0602-7", 7);
  for (const [lang, title] of [["en", "Regulator sandbox"], ["es", "Reguladores de prueba"]] as const) {
    const { text, headers } = await got(`${sandbox.url}/`, { "accept-language": `${lang}-CL,${lang};q=0.9` });
    assert.match(text, new RegExp(`<html lang="${lang}">[^]*<h1>${title}</h1>`));
    assert.doesNotMatch(text, /<script>|<script [^>]*>[^<]| on\w+="|<style/);
    assert.match(headers.get("content-security-policy") ?? "", /script-src 'self'/);
    assert.ok(!text.includes(PASSWORD) && !(await got(`${sandbox.url}/sandbox/state`)).text.includes(PASSWORD));
  }
  assert.deepEqual(Object.keys(regulatorPageTexts("en")), Object.keys(regulatorPageTexts("es")));
  assert.match((await got(`${sandbox.url}/assets/regulators/page/page.js`)).text, /parts\.js/);
  assert.equal((await got(`${sandbox.url}/assets/page/page.css`)).status, 200);
});

test("a person sees what the regulators have and were asked, and switches quirks; axe finds nothing, light and dark", { skip: missing }, async (context) => {
  const { sandbox, post } = await opened(context);
  const voucher = (await post("OB-0602-7", 7)).json.data.numeroComprobante;
  await post("OB-0602-7", 7);
  await post("OB-0602-8", 8);
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
    assert.deepEqual(await page.locator("#works tr").count(), 2);
    assert.equal(await page.locator("#switches li:visible").count(), regulatorQuirkNames.length);
    await page.click('[data-work="dga/OB-0602-7"]');
    await page.locator("#held", { hasText: voucher }).waitFor();
    assert.match((await page.locator("#held").textContent()) ?? "", /2026-03-01 07:00:00caudal 15\.30 · nivelFreaticoDelPozo – · totalizador 1010/);
    assert.match((await page.locator("#newest").textContent()) ?? "", lang === "en" ? /accepted200/ : /ya existía400/);
    assert.deepEqual(await violations(page), []);
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no wider than its window");
    await page.selectOption("#regulator", "dga");
    assert.ok(await page.locator('[data-quirk="token-refused"]').isHidden(), "what the regulator cannot show is not offered");
    await page.click('[data-quirk="http-500"] input[type=checkbox]');
    await page.locator("#notice", { hasText: "http-500" }).waitFor();
    assert.deepEqual(sandbox.quirks.current(), { dga: { "http-500": 0.05 } });
    await page.fill('[data-quirk="http-500"] input[type=number]', "1");
    await page.locator('[data-quirk="http-500"] input[type=number]').blur();
    await page.locator("#notice", { hasText: /: 1$/ }).waitFor();
    assert.equal((await post("OB-0602-9", 9)).status, 500);
    await page.click("#all-off");
    await page.locator('[data-quirk="http-500"] input[type=checkbox]:not(:checked)').waitFor();
    assert.deepEqual(sandbox.quirks.current(), {});
    for (let send = 0; send < 8; send++) await post("OB-0602-7", 7);
    await page.locator("#count-blocked", { hasText: "76543210-3" }).waitFor();
    await page.click("#release");
    await page.locator("#count-blocked", { hasText: /^0$/ }).waitFor();
    await page.close();
  }
  assert.deepEqual(broken, []);
});
