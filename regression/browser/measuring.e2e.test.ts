import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import { pointIdOf } from "@caudal/core";
import { findChromium, skipWithoutChromium } from "../../tools/chromium.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { browserFlags, violations } from "../../web/test-server/axe.ts";
import { startCaudal, type RunningCaudal } from "../integrity/running-caudal.ts";

/*
 * A person makes measurements of a counter's pulses: says what a pulse is worth and sees the volume, finds that what was taken for a reset was none and
 * sees the totals change, takes that back, corrects a value and reads who said what, and why.
 */

const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

const HOUR_MS = 3_600_000;
const point = pointIdOf("default", "meter");
/** A counter that falls from 1010 to 600 while nothing comes for five hours: taken for a reset. */
const counts = [[12, 1000], [11, 1010], [6, 600], [5, 610], [4, 620]] as const;

suite("settings, decisions and corrections on a real installation", { skip }, () => {
  let directory: string;
  let caudal: RunningCaudal;
  let browser: Browser;
  let page: Page;
  const broken: string[] = [];
  const hourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

  /** The volume at an hour, hours ago, as the API has it. */
  const volume = async (ago: number): Promise<number | null | undefined> => {
    const at = new Date(hourMs - ago * HOUR_MS).toISOString();
    const { items } = (await (await fetch(new URL(`/api/v1/analytics/points/${point}/revisions?at=${at}&variable=volume`, caudal.http))).json()) as { items: { value: number | null; holds: boolean }[] };
    return items.find(({ holds }) => holds)?.value;
  };
  const volumes = (...wanted: readonly number[]): Promise<true> => until(`volumes are ${wanted.join(", ")}`, async () => {
    const found = await Promise.all(counts.map(([ago]) => volume(ago)));
    return JSON.stringify(found) === JSON.stringify(wanted) ? true : undefined;
  });
  const say = async (why: string): Promise<void> => {
    await page.getByLabel("Why").fill(why);
    await page.locator("dialog").getByRole("button", { name: "Save" }).click();
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "caudal-measuring-"));
    caudal = await startCaudal(directory, ["--demo", "off", "--http", "127.0.0.1:0", "--mqtt", "off"]);
    for (const [ago, pulses] of counts) {
      const response = await fetch(new URL("/api/v1/readings?device=meter", caudal.http), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ time: new Date(hourMs - ago * HOUR_MS).toISOString(), values: { pulses } }) });
      assert.equal(response.status, 202, await response.text());
    }
    const executablePath = findChromium();
    browser = await chromium.launch({ args: [...browserFlags], ...(executablePath === undefined ? {} : { executablePath }) });
    page = await (await browser.newContext({ locale: "en-GB", timezoneId: "America/Santiago", viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" })).newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => message.type() === "error" && broken.push(message.text()));
    await until("the point is there", async () => ((await fetch(new URL(`/api/v1/points/${point}`, caudal.http))).ok ? true : undefined));
  });

  after(async () => {
    await browser?.close();
    await caudal?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test("a person says what a pulse is worth, and the volume appears", async () => {
    await page.goto(new URL(`/points/${point}`, caudal.http).href);
    await page.locator(".card").first().waitFor();
    assert.equal(await page.locator(".card", { hasText: "Volume since telemetry began" }).count(), 0);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Change settings" }).click();
    await page.getByLabel("Litres a pulse").fill("100");
    await page.getByLabel("Why").fill("plate of the meter, read in the field");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.locator(".timeline > li", { hasText: "plate of the meter" }).getByText("100 L").waitFor();
    await page.locator(".change-list > li", { hasText: "plate of the meter" }).waitFor();
    await volumes(100, 101, 161, 162, 163);
    await page.getByRole("link", { name: "Data" }).click();
    await page.reload();
    await page.locator(".card", { hasText: "Volume since telemetry began" }).getByText("163 m³").waitFor();
    await page.locator(".chart-panel", { hasText: "Volume since telemetry began" }).locator("canvas").waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("a reset that was none is undone and the totals change; it is taken back and they change again", async () => {
    await page.goto(caudal.http);
    await page.locator(".point-row", { hasText: "To review: 1" }).getByRole("link", { name: "To review: 1" }).click();
    const reset = page.locator(".decision", { hasText: "The counter began anew" });
    await reset.locator(".count-chart svg").waitFor();
    await reset.getByText("101 → 161 m³").waitFor();
    assert.deepEqual(await violations(page), []);
    await reset.getByRole("button", { name: "It was a fault" }).click();
    await say("the logger lay on the bench");
    await page.getByText("what followed was computed again").first().waitFor();
    await volumes(100, 101, 101, 101, 101);
    await page.getByText("Nothing waits for a look.").waitFor();
    await page.locator(".segment", { hasText: "Reviewed" }).click();
    const undone = page.locator(".decision-undone", { hasText: "A count that does not count" });
    await undone.getByText("the logger lay on the bench").waitFor();
    await page.locator(".segment", { hasText: "No longer hold" }).click();
    await page.locator(".decision-gone", { hasText: "The counter began anew" }).waitFor();

    await page.locator(".segment", { hasText: "Reviewed" }).click();
    await undone.getByRole("button", { name: "Take back what was said" }).click();
    await say("it was in the field after all");
    await volumes(100, 101, 161, 162, 163);
    await page.locator(".segment", { hasText: "To review" }).click();
    await reset.locator("summary", { hasText: "(2)" }).click();
    await reset.getByText("it was in the field after all").waitFor();
  });

  test("a value is corrected: what follows changes, the source's stays beside it with who said what and why, and it is taken back", async () => {
    await page.goto(new URL(`/points/${point}?view=table`, caudal.http).href);
    await page.locator("tbody tr", { has: page.getByText("1,010", { exact: true }) }).locator(".row-action .button").click();
    const dialog = page.locator("dialog");
    const pulses = dialog.locator(".instant-variable", { has: page.getByRole("heading", { name: "Pulses" }) });
    await pulses.getByRole("button", { name: "Correct" }).click();
    await dialog.getByLabel("Value", { exact: true }).fill("1005");
    await dialog.getByLabel("Why").fill("the dial said 1005");
    await dialog.getByRole("button", { name: "See what would change" }).click();
    await dialog.getByText("Totals, flow, levels and flags after it are computed again.").waitFor();
    assert.equal(await volume(11), 101, "a preview changes nothing");
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole("button", { name: "Correct", exact: true }).click();
    await volumes(100, 100.5, 160.5, 161.5, 162.5);

    await page.reload();
    const row = page.locator("tbody tr", { has: page.getByText("1,005", { exact: true }) });
    await row.getByText("Corrected", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Corrections" }).click();
    const said = page.locator(".correction", { hasText: "the dial said 1005" });
    await said.getByRole("button", { name: "All that was said" }).click();
    await dialog.getByText("The source says: 1,010").waitFor();
    const held = dialog.locator(".revision-holds");
    assert.match(await held.innerText(), /1,005[\s\S]*A person said this value[\s\S]*local:[\s\S]*the dial said 1005/);
    assert.ok((await dialog.locator(".revision", { hasText: "1,010" }).count()) > 0, "what came stays");
    await dialog.getByRole("button", { name: "Take back" }).click();
    await dialog.getByLabel("Why").fill("it was the neighbour's dial");
    await dialog.getByRole("button", { name: "See what would change" }).click();
    await dialog.getByRole("button", { name: "Correct", exact: true }).click();
    await page.locator(".correction", { hasText: "it was the neighbour's dial" }).getByText("what the source said").waitFor();
    await volumes(100, 101, 161, 162, 163);
  });

  test("all of it at a phone's width, dark and in Spanish, is in nobody's way", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByRole("button", { name: "ES: Español" }).click();
    for (const [path, ready] of [[`/points/${point}/settings`, ".timeline > li"], ["/decisions", ".decision .count-chart svg"], [`/points/${point}/corrections`, ".correction"], [`/points/${point}`, ".pick-bar"]] as const) {
      await page.goto(new URL(path, caudal.http).href);
      await page.locator(ready).first().waitFor();
      assert.deepEqual(await violations(page), [], path);
      assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth")) <= 0, path);
      assert.equal(await page.getByText(/(^|\s)page\.[a-z]/).count(), 0, path);
    }
  });

  test("nothing broke on the way", () => {
    assert.deepEqual(broken, []);
  });
});
