import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { pointIdOf } from "@caudal/core";
import { findChromium, skipWithoutChromium } from "../../tools/chromium.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { startCaudal, type RunningCaudal } from "../integrity/running-caudal.ts";

/*
 * A person opens the dashboard of a fresh installation with its demo: sees values change, looks at two months of a river, renames it, takes its CSV
 * home, and finds nothing in the way of a screen reader.
 */

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const river = pointIdOf("demo", "rio-dead-run");
const longRiver = pointIdOf("demo", "rio-logan");
const fast = pointIdOf("demo", "rio-logan-verano");
const DAY_MS = 86_400_000;
const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

suite("the dashboard on a real installation", { skip }, () => {
  let directory: string;
  let caudal: RunningCaudal;
  let browser: Browser;
  let page: Page;
  const broken: string[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "caudal-browser-"));
    caudal = await startCaudal(directory, ["--demo", "on", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"]);
    const executablePath = findChromium();
    browser = await chromium.launch({ args: flags, ...(executablePath === undefined ? {} : { executablePath }) });
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 }, acceptDownloads: true });
    page = await context.newPage();
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => message.type() === "error" && broken.push(message.text()));
    await until("the demo's history has run through", async () => {
      const { lag } = (await (await fetch(new URL("/api/v1/status", caudal.http))).json()) as { lag: Record<string, number> };
      const points = (await (await fetch(new URL("/api/v1/points?client=demo&limit=100", caudal.http))).json()) as { items: unknown[] };
      return points.items.length >= 26 && (lag["processor-warm"] ?? 1) < 50 && (lag["processor-mapping"] ?? 1) < 50 ? true : undefined;
    }, 60_000);
  });

  after(async () => {
    await browser?.close();
    await caudal?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test("a value changes on the overview without a reload", async () => {
    await page.goto(new URL("/", caudal.http).href);
    const values = page.locator("li.point-row", { has: page.locator(`a[href="/points/${fast}"]`) }).locator(".point-values");
    await values.scrollIntoViewIfNeeded();
    const first = await values.innerText();
    await until("another value", async () => ((await values.innerText()) === first ? undefined : true), 15_000);
    assert.deepEqual(await violations(page), []);
  });

  test("a point whose time is compressed says so on its page", async () => {
    await page.goto(new URL(`/points/${fast}`, caudal.http).href);
    await page.getByText(/compressed/i).first().waitFor();
  });

  test("two months of history open, as a chart and as a table", async () => {
    await page.goto(new URL(`/points/${longRiver}`, caudal.http).href);
    await page.locator("fieldset.segments label", { hasText: /^All$/ }).click();
    await page.locator(".uplot canvas").first().waitFor();
    await page.getByLabel("Resolution").selectOption("1d");
    await page.locator("fieldset.segments label", { hasText: /^Table$/ }).click();
    const days = await until("a row a day for two months", async () => {
      const instants = await page.locator("table time").evaluateAll((times) => times.map((time) => Date.parse((time as unknown as { dateTime: string }).dateTime)));
      return Date.now() - Math.min(...instants) > 58 * DAY_MS ? instants : undefined;
    });
    assert.ok(days.length >= 59, `${days.length} rows`);
    assert.deepEqual(await violations(page), []);
  });

  test("a point is renamed, and the new name is there after a reload", async () => {
    await page.goto(new URL(`/points/${river}`, caudal.http).href);
    await page.getByRole("button", { name: "Edit point" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Dead Run at Franklintown");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Dead Run at Franklintown" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Dead Run at Franklintown" }).waitFor();
  });

  test("the CSV that it downloads is wide, with units in its columns", async () => {
    await page.goto(new URL(`/points/${river}`, caudal.http).href);
    await page.locator("fieldset.segments label", { hasText: /^24 h$/ }).click();
    await page.locator(".uplot canvas").first().waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /CSV/ }).click()]);
    const lines = (await readFile(await download.path(), "utf8")).split("\n");
    const header = lines.find((line) => !line.startsWith("#"));
    assert.match(header ?? "", /^time,.*flow_lps.*level_m/);
    assert.ok(lines.length > 200, `${lines.length} lines`);
  });

  test("what could not be used is shown with its reason, in the person's language", async () => {
    const response = await fetch(new URL("/api/v1/readings", caudal.http), { method: "POST", headers: { "content-type": "application/json", "accept-language": "es" }, body: "{" });
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { title: string }).title, /JSON/);
    await page.goto(new URL("/parked", caudal.http).href);
    await page.getByRole("button", { name: "ES: Español" }).click();
    await page.getByRole("heading", { level: 1, name: "Apartados" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("nothing broke on the way", () => {
    assert.deepEqual(broken, []);
  });
});
