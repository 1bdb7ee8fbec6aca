import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import { textsFor } from "../runtime/index.ts";
import { findChromium, skipWithoutChromium } from "../tools/chromium.ts";
import { browserFlags, violations } from "./test-server/axe.ts";
import { startFixtureServer, type FixtureServer } from "./test-server/fixture-server.ts";

const missing = skipWithoutChromium();
if (missing !== false && process.env["CI"] === "true") throw new Error(missing);

const texts = { en: textsFor("en"), es: textsFor("es") };

describe("the daily balance on a point's page", { skip: missing, concurrency: false }, () => {
  let server: FixtureServer;
  let browser: Browser;
  const broken: string[] = [];

  before(async () => {
    server = await startFixtureServer({ texts, liveEveryMs: 0 });
    const executablePath = findChromium();
    browser = await chromium.launch({ args: [...browserFlags], ...(executablePath === undefined ? {} : { executablePath }) });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function open(point: string, options: { readonly colorScheme: "light" | "dark"; readonly width: number; readonly locale?: string }): Promise<Page> {
    const { colorScheme, width, locale = "en-GB" } = options;
    const page = await browser.newPage({ locale, timezoneId: "America/Santiago", viewport: { width, height: 900 }, reducedMotion: "reduce", colorScheme });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => broken.push(error.message));
    await page.goto(`${server.url}/points/${point}`);
    await page.waitForSelector("#completeness-title");
    return page;
  }
  const measured = (wanted: boolean): string => {
    const point = server.points.find(({ variables }) => {
      const names = variables.map(({ variable }) => variable);
      return (names.includes("flow") && ["total", "pulses"].some((name) => names.includes(name))) === wanted;
    });
    assert.ok(point !== undefined);
    return point.id;
  };

  for (const [colorScheme, width, locale] of [["light", 1440, "en-GB"], ["dark", 390, "es-CL"]] as const) {
    test(`two bars a day and a table with every verdict, ${colorScheme} at ${width} px in ${locale}`, async () => {
      const page = await open(measured(true), { colorScheme, width, locale });
      const panel = page.locator(".balance");
      await panel.locator(".balance-bars li").nth(30).waitFor();
      assert.equal(await panel.locator(".balance-bars .balance-bar").count(), 62);
      assert.deepEqual(await Promise.all(["agrees", "differs", "not-comparable"].map((verdict) => panel.locator(`.balance-bars .balance-${verdict}`).count())), [27, 1, 3]);
      await panel.locator("summary").click();
      const spanish = locale.startsWith("es");
      await panel.getByText(spanish ? "coinciden 27 de 28 días" : "27 of 28 days agree").waitFor();
      await panel.getByRole("row", { name: spanish ? /25 h/ : /25 h/ }).waitFor();
      await panel.getByRole("row", { name: spanish ? /−?-?\d+,\d+ m³.*difiere/ : /-?\d+\.\d+ m³.*differs/ }).waitFor();
      await panel.getByText(spanish ? "no comparable: el contador empezó de nuevo" : "not comparable: the counter began anew").waitFor();
      assert.match(await panel.getByRole("link").getAttribute("href") ?? "", /\/balance\?format=csv$/);
      assert.deepEqual(await violations(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
      await page.close();
    });
  }

  test("a point that has no flow, or nothing that counts, has no balance", async () => {
    const page = await open(measured(false), { colorScheme: "light", width: 1440 });
    assert.equal(await page.locator(".balance").count(), 0);
    await page.close();
  });

  test("nothing broke on the way", () => assert.deepEqual(broken, []));
});
