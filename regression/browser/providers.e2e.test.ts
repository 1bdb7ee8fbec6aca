import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { AxeResults } from "axe-core";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { openSandbox, providerIds, writeProvidersFile, type Sandbox } from "@caudal/sandbox";
import { findChromium, skipWithoutChromium } from "../../tools/chromium.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { startCaudal, type RunningCaudal } from "../integrity/running-caudal.ts";

/*
 * A person looks how the providers do: eight accounts at a sandbox, one of which is left without its secret, asks one of them now, is told why another
 * may not be asked now, and sees a provider go away.
 */

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

const without = `  - id: sin-secreto
    provider: thingsboard
    client: riego-sur
    baseUrl: https://thingsboard.example.test
    secrets: { username: env:NO_SUCH_USER, password: env:NO_SUCH_PASSWORD }
    every: 60m
    keys: [flow]
    devices: [{ device: pozo-sin-secreto, remote: 5d7c2f30-0000-11ee-8000-0000000000a1 }]
`;

suite("the providers' page on a real installation", { skip }, () => {
  let directory: string;
  let sandbox: Sandbox;
  let caudal: RunningCaudal;
  let browser: Browser;
  let page: Page;
  let behindMs = 20 * 60_000;
  const broken: string[] = [];

  const card = (provider: string): Locator => page.locator(".account-card", { has: page.locator("h2", { hasText: new RegExp(`^sandbox-${provider}-1$`) }) });
  const count = async (within: Locator, row: string): Promise<number> => Number((await within.getByRole("row", { name: new RegExp(`^${row} `) }).locator("td").first().innerText()).replaceAll(",", ""));

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "caudal-providers-"));
    // Its clock is behind ours, so that a test can let time pass there.
    sandbox = await openSandbox({ seed: "page", devices: 8, everyMs: [30_000], days: 0.1, nowMs: () => Date.now() - behindMs });
    const { path } = await writeProvidersFile(sandbox, join(directory, "config", "providers.yaml"), { client: "riego-sur", every: "60m" });
    await writeFile(path, (await readFile(path, "utf8")).trimEnd() + "\n" + without);
    caudal = await startCaudal(join(directory, "data"), ["--demo", "off", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"], { CAUDAL_PROVIDERS: path });
    const executablePath = findChromium();
    browser = await chromium.launch({ args: flags, ...(executablePath === undefined ? {} : { executablePath }) });
    page = await (await browser.newContext({ locale: "en-GB", timezoneId: "America/Santiago", viewport: { width: 1440, height: 900 }, colorScheme: "light" })).newPage();
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => {
      // A browser writes every refused call down; those of this test are meant: over the limit, or while the scheduled poll is under way.
      if (message.type() === "error" && !/status of (409|429)/.test(message.text())) broken.push(message.text());
    });
  });

  after(async () => {
    await browser?.close();
    await caudal?.stop();
    await sandbox?.close();
    await rm(directory, { recursive: true, force: true });
  });

  test("eight accounts are asked, each with its scorecard; the one that is left out says why and what to do", async () => {
    await page.goto(new URL("/", caudal.http).href);
    await page.click("nav >> text=Providers");
    await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();
    await page.locator(".account-polling .score-table").nth(15).waitFor();
    assert.deepEqual((await page.locator(".account-card h2").allInnerTexts()).sort(), providerIds.map((provider) => `sandbox-${provider}-1`).sort());
    assert.equal(await page.locator(".tile-account-polling .tile-count").innerText(), "8");
    const leftOut = page.locator(".note-warn", { hasText: "Accounts that are left out" });
    assert.match(await leftOut.innerText(), /sin-secreto.*NO_SUCH_.*line \d+/s);
    assert.match(await leftOut.innerText(), /start Caudal again/);
    await page.click("nav >> text=Devices");
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();
  });

  test("asking now changes the numbers, and says what came", async () => {
    const asked = card("thingsboard");
    await asked.getByRole("button", { name: "Poll now" }).first().click();
    await asked.getByText(/Devices asked: 1\. Rows: /).waitFor({ timeout: 60_000 });
    const before = await until("rows on the card", async () => ((await count(asked, "New")) > 0 ? await count(asked, "New") : undefined));
    behindMs -= 10 * 60_000;
    await asked.getByRole("button", { name: "Poll now" }).first().click();
    await asked.getByText(/Rows: [1-9]\d* new/).waitFor({ timeout: 60_000 });
    await until("more rows on the card", async () => ((await count(asked, "New")) > before ? true : undefined));
    await asked.getByText("Newest reading").waitFor();
    assert.match(await asked.locator(".account-newest").innerText(), /ago/);
    await asked.locator("summary", { hasText: "Devices: 1" }).click();
    await asked.locator(".polled", { hasText: "Up to date" }).waitFor();
    await asked.locator("summary", { hasText: "Devices: 1" }).click();
  });

  test("a budget that does not allow it is explained, with when to come back", async () => {
    const tight = card("ubidots");
    await until("the limit is met", async () => {
      await tight.getByRole("button", { name: "Poll now" }).first().click();
      await tight.locator(".account-answer").waitFor();
      return (await tight.getByText("Asking now would go over the provider's limit: try again in").count()) > 0 ? true : undefined;
    }, 60_000);
  });

  test("a provider that goes away is an outage: since when, why, and when it is tried again", async () => {
    sandbox.quirks.set("wiseconn", "outage", 1);
    const asked = card("wiseconn");
    const button = asked.getByRole("button", { name: /Poll now/ }).first();
    await until("the outage", async () => {
      if (await button.isEnabled({ timeout: 300 }).catch(() => false)) await button.click({ timeout: 1000 }).catch(() => undefined);
      return (await page.locator(".account-outage", { hasText: "sandbox-wiseconn-1" }).count()) > 0 ? true : undefined;
    }, 120_000);
    const note = asked.locator(".note-bad", { hasText: "Next try" });
    await note.waitFor();
    assert.match(await note.innerText(), /No answer[\s\S]*503[\s\S]*Since[\s\S]*Next try[\s\S]*asked again by itself/);
    await page.getByRole("button", { name: "1 Outage" }).click();
    assert.deepEqual(await page.locator(".account-card h2").allInnerTexts(), ["sandbox-wiseconn-1"]);
    await page.getByRole("button", { name: /Outage/ }).click();
    await page.locator(".account-polling .score-table").nth(13).waitFor();
  });

  for (const [colorScheme, width] of [["light", 1440], ["dark", 390], ["light", 390], ["dark", 1440]] as const) {
    test(`nothing is in the way of a screen reader, ${colorScheme} at ${width} px, and nothing is wider than the window`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const closed = page.locator(".account-more:not([open]) > summary");
      while ((await closed.count()) > 0) await closed.first().click();
      assert.deepEqual(await violations(page), []);
      assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth")) <= 0);
    });
  }

  test("it speaks Spanish too", async () => {
    await page.getByRole("button", { name: "ES: Español" }).click();
    await page.getByRole("heading", { level: 1, name: "Proveedores" }).waitFor();
    await page.locator(".account-state-outage", { hasText: "Con falla" }).first().waitFor();
    assert.equal(await page.getByText(/^page\./).count(), 0);
  });

  test("nothing broke on the way", () => {
    assert.deepEqual(broken, []);
  });
});
