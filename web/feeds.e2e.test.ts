import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, type Browser } from "playwright-core";
import { textsFor } from "../runtime/index.ts";
import { findChromium, skipWithoutChromium } from "../tools/chromium.ts";
import { browserFlags, violations } from "./test-server/axe.ts";
import { startFixtureServer, type FixtureServer } from "./test-server/fixture-server.ts";

const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

describe("points that a device also feeds, in a browser", { skip, concurrency: false }, () => {
  let server: FixtureServer;
  let browser: Browser;
  before(async () => {
    server = await startFixtureServer({ texts: { en: textsFor("en"), es: textsFor("es") }, liveEveryMs: 0 });
    const executablePath = findChromium();
    browser = await chromium.launch({ args: [...browserFlags], ...(executablePath === undefined ? {} : { executablePath }) });
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  test("a key is made to feed points from an instant on, the list shows it, and one is taken away", async () => {
    const page = await browser.newPage({ locale: "es-CL", timezoneId: "UTC", viewport: { width: 390, height: 844 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(30_000);
    await page.goto(`${server.url}/devices`);
    await page.getByRole("button", { name: /También alimenta/ }).first().click();
    const dialog = page.locator("dialog[open]");
    await dialog.getByText("Ninguno todavía.").waitFor();
    assert.deepEqual(await violations(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "no wider than its window");
    await dialog.getByLabel("Buscar un punto").fill("macromedidor");
    await dialog.getByRole("checkbox").first().check();
    await dialog.getByLabel(/^Desde/).fill("2026-03-01T12:00");
    await dialog.getByRole("button", { name: "Alimentar 1" }).click();
    await dialog.getByRole("button", { name: /Dejar de alimentar Macromedidor planta/ }).waitFor();
    const sent = (): unknown => server.calls.findLast(({ line }) => line.startsWith("PUT ") && line.endsWith("/feeds"))?.body;
    assert.deepEqual(sent(), { feeds: [{ key: "flow", point: "pt_big", validFrom: "2026-03-01T12:00:00.000Z" }] });
    await dialog.getByRole("button", { name: /Dejar de alimentar/ }).click();
    await dialog.getByText("Ninguno todavía.").waitFor();
    assert.deepEqual(sent(), { feeds: [{ key: "flow", point: "pt_big", removed: true }] });
    await page.close();
  });
});
