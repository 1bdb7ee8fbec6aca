import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { textsFor } from "../runtime/index.ts";
import { findChromium, skipWithoutChromium } from "../tools/chromium.ts";
import { browserFlags, violations } from "./test-server/axe.ts";
import { startFixtureServer, type FixtureServer } from "./test-server/fixture-server.ts";

const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

const texts = { en: textsFor("en"), es: textsFor("es") };
const narrow = { width: 390, height: 844 };
const wide = { width: 1440, height: 900 };

describe("settings, decisions and corrections in a browser", { skip, concurrency: false }, () => {
  let server: FixtureServer;
  let looking: FixtureServer;
  let browser: Browser;
  const broken: string[] = [];

  before(async () => {
    [server, looking] = await Promise.all([startFixtureServer({ texts, liveEveryMs: 0 }), startFixtureServer({ texts, liveEveryMs: 0, role: "viewer" })]);
    const executablePath = findChromium();
    browser = await chromium.launch({ args: [...browserFlags], ...(executablePath === undefined ? {} : { executablePath }) });
  });
  after(async () => {
    await browser.close();
    await Promise.all([server.stop(), looking.stop()]);
  });

  async function open(path: string, options: BrowserContextOptions = {}, from = server): Promise<Page> {
    const page = await browser.newPage({ locale: "en-GB", timezoneId: "America/Santiago", viewport: wide, reducedMotion: "reduce", ...options });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => broken.push(`${path}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) broken.push(`${path}: ${message.text()}`);
    });
    await page.goto(from.url + path);
    await page.waitForSelector("h1");
    return page;
  }
  const sent = (line: RegExp): unknown => server.calls.findLast((call) => line.test(call.line))?.body;

  const screens: readonly { readonly path: string; readonly ready: string; readonly act?: (page: Page) => Promise<unknown> }[] = [
    { path: "/points/pt_apr/settings", ready: ".change-list li", act: (page) => page.waitForSelector(".timeline li") },
    { path: "/points/pt_apr/settings", ready: "dialog[open] .setting-field", act: (page) => page.getByRole("button", { name: /Change settings|Cambiar ajustes/ }).click() },
    { path: "/points/pt_apr/settings", ready: "dialog[open] .period-values", act: (page) => page.locator(".timeline .button-danger").first().click() },
    { path: "/points/pt_apr/decisions", ready: ".count-chart svg" },
    { path: "/decisions", ready: "dialog[open] .choice-card", act: (page) => page.locator(".decision-actions .button").nth(1).click() },
    { path: "/points/pt_apr/corrections", ready: ".correction" },
    { path: "/points/pt_apr/corrections", ready: "dialog[open] .choice-card", act: (page) => page.locator(".tab-head .button-main").click() },
    { path: "/points/pt_apr/corrections", ready: "dialog[open] .revision-holds", act: (page) => page.locator(".correction-actions .button").first().click() },
    { path: "/points/pt_apr?range=6h&view=table", ready: ".row-action" },
  ];

  for (const [colorScheme, viewport, locale] of [["light", wide, "en-GB"], ["dark", narrow, "es-CL"]] as const) {
    test(`every part passes axe, ${colorScheme} at ${viewport.width} px, and none is wider than its window`, async () => {
      const page = await open("/decisions", { colorScheme, viewport, locale });
      for (const { path, ready, act } of screens) {
        await page.goto(server.url + path);
        await page.waitForSelector("h1");
        await act?.(page);
        await page.waitForSelector(ready);
        assert.deepEqual(await violations(page), [], `${path} ${ready}`);
        assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth")) <= 0, `${path} is wider than ${viewport.width}`);
        assert.equal(await page.getByText(/(^|\s)page\.[a-z]/).count(), 0, `${path} shows a key instead of its text`);
      }
      await page.close();
    });
  }

  test("settings are said from an instant on with a reason, corrected, and removed; what is wrong stands at its field", async () => {
    const page = await open("/points/pt_apr");
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Change settings" }).click();
    const depth = page.getByLabel("Depth of the level sensor", { exact: true });
    await depth.fill("-3");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("Expected > 0, ≤ 12,000 m.").waitFor();
    assert.equal(await depth.getAttribute("aria-invalid"), "true");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
    await depth.fill("46.5");
    await page.getByLabel("Holds from").last().fill("2026-06-01T09:30");
    await page.getByLabel("Why").fill("cable cut and measured again");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.locator(".setting-list div", { hasText: "Depth of the level sensor" }).getByText("46.5 m").waitFor();
    assert.deepEqual(sent(/^PUT .*config/), { settings: [{ validFrom: "2026-06-01T13:30:00.000Z", values: { sensorDepthM: 46.5 }, reason: "cable cut and measured again" }] });
    const added = page.locator(".timeline > li", { hasText: "cable cut" });
    await added.getByRole("button", { name: /Correct this period/ }).click();
    await page.getByLabel("Depth of the level sensor", { exact: true }).fill("46.8");
    await page.getByLabel("Why").fill("typed wrong");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.locator(".timeline > li", { hasText: "typed wrong" }).getByText("46.8 m").waitFor();
    await page.locator(".timeline > li", { hasText: "typed wrong" }).getByRole("button", { name: /Remove this period/ }).click();
    await page.getByLabel("Why").fill("another well");
    await page.locator("dialog").getByRole("button", { name: "Remove" }).click();
    await page.locator(".setting-list div", { hasText: "Depth of the level sensor" }).getByText("45 m").waitFor();
    assert.deepEqual(sent(/^PUT .*config/), { settings: [{ validFrom: "2026-06-01T13:30:00.000Z", values: {}, forget: ["sensorDepthM"], reason: "another well" }] });
    await page.close();
  });

  test("limits are said by variable from an instant on, and stand in the variable's history", async () => {
    const page = await open("/points/pt_apr/settings");
    await page.locator(".limit-periods", { hasText: "Flow" }).getByText("25 L/s").waitFor();
    await page.getByRole("button", { name: "Edit limits" }).click();
    const dialog = page.locator("dialog");
    await dialog.getByLabel("Variable").selectOption("total");
    await dialog.getByLabel("Flow that may pass while the counter stands still").fill("0");
    await dialog.locator(".segment", { hasText: "From an instant" }).click();
    await dialog.getByLabel("Holds from").last().fill("2026-06-01T09:30");
    await dialog.getByRole("button", { name: "Save changes" }).click();
    await dialog.getByText("Expected > 0 m³.").waitFor();
    await dialog.getByLabel("Flow that may pass while the counter stands still").fill("2,5");
    await dialog.getByLabel("Why").fill("small leak at the joint");
    await dialog.getByRole("button", { name: "Save changes" }).click();
    await page.locator(".limit-periods", { hasText: "Total" }).getByText("small leak at the joint").waitFor();
    assert.deepEqual(sent(/^PUT .*config/), { limits: [{ variable: "total", validFrom: "2026-06-01T13:30:00.000Z", values: { stuckM3: 2.5 }, reason: "small leak at the joint" }] });
    await page.close();
  });

  test("what is being computed again is told while it is, and what came of it", async () => {
    const recount = { point: "pt_apr", client: "los-aromos", state: "waiting", causes: ["correction"], from: "2026-03-01T15:00:00Z", since: "2026-11-22T10:00:00Z", doneAt: null, facts: 0, days: 0, first: null, last: null, decisionsMade: 0, decisionsGone: 0 };
    server.measuring.recounts = [recount];
    const page = await open("/points/pt_apr/corrections");
    await page.getByText("is being computed again, from 1 Mar 2026, 12:00 on").waitFor();
    server.measuring.recounts = [{ ...recount, state: "done", doneAt: "2026-11-22T10:01:00Z", facts: 4210, days: 31, decisionsMade: 2, decisionsGone: 1 }];
    await page.getByText("4,210 values of 31 days changed; decisions: 2 made, 1 gone.").waitFor();
    server.measuring.recounts = [];
    await page.close();
  });

  test("decisions are confirmed, said otherwise and taken back, with a reason; refusals say what to do", async () => {
    const page = await open("/");
    await page.locator(".point-row", { hasText: "Pozo APR" }).getByText("To review: 2").click();
    await page.locator(".decision .count-chart svg").first().waitFor();
    const reset = page.locator(".decision", { hasText: "The counter began anew" });
    await reset.getByRole("button", { name: "Say otherwise…" }).click();
    const dialog = page.locator("dialog");
    assert.ok(await dialog.getByRole("button", { name: "Save" }).isDisabled());
    await dialog.getByText("The counter went round").click();
    await dialog.getByLabel("Why").fill("register of six digits");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.locator(".field-problem", { hasText: "a rollover needs its modulus" }).waitFor();
    await dialog.getByText("The meter was changed").click();
    await dialog.getByLabel("Last reading of the old one").fill("48,215.5x");
    await dialog.getByText("This is not a number.").waitFor();
    await dialog.getByLabel("Last reading of the old one").fill("48215,5");
    await dialog.getByLabel("First reading of the new one").fill("12");
    await dialog.getByRole("button", { name: "Save" }).click();
    await reset.waitFor({ state: "detached" });
    assert.deepEqual(sent(/verdict/), { verdict: "correct", as: "swap", finalCount: 48215.5, initialCount: 12, reason: "register of six digits" });
    await page.getByText("what followed was computed again").first().waitFor();
    await page.locator(".segment", { hasText: "Reviewed" }).click();
    const said = page.locator(".decision", { hasText: "Corrected by Planta norte" });
    await said.getByText("register of six digits").waitFor();
    await said.getByRole("button", { name: "Take back what was said" }).click();
    await page.getByLabel("Why").fill("the wrong meter");
    await page.locator("dialog").getByRole("button", { name: "Save" }).click();
    await said.waitFor({ state: "detached" });
    assert.deepEqual(sent(/verdict/), { verdict: "undo", reason: "the wrong meter" });

    await page.locator("nav[aria-label=Main]").getByRole("link", { name: /Decisions/ }).click();
    await page.getByRole("heading", { level: 1, name: "Decisions" }).waitFor();
    const old = page.locator(".decision", { hasText: "Digits were cut off" });
    await old.getByRole("link", { name: "Macromedidor planta" }).waitFor();
    await old.locator(".count-chart svg").waitFor();
    await old.getByText("No volume is computed of this counter.").waitFor();
    await old.getByRole("button", { name: "Confirm" }).click();
    await page.getByLabel("Why").fill("seen");
    await page.locator("dialog").getByRole("button", { name: "Confirm" }).click();
    await page.locator(".note", { hasText: "What follows is computed again within minutes." }).waitFor();
    await page.close();
  });

  test("a value is chosen by keyboard in a chart, its revisions are seen, it is corrected after a preview, and marked", async () => {
    const page = await open("/points/pt_apr?range=6h");
    const plot = page.locator(".plot").first();
    await plot.locator("canvas").waitFor();
    await plot.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.locator(".pick-bar b").waitFor();
    await page.getByRole("button", { name: "See and correct" }).click();
    await page.locator("dialog .revision-holds", { hasText: "Rosa Díaz" }).waitFor();
    await page.getByText("The source says: 15.31").waitFor();
    await page.locator("dialog").getByRole("button", { name: "Correct" }).click();
    await page.locator("dialog").getByRole("button", { name: "See what would change" }).click();
    await page.getByText("Say which value.").waitFor();
    await page.getByLabel("Value", { exact: true }).fill("5000000");
    await page.getByLabel("Why").fill("bucket and watch");
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.locator(".field-problem", { hasText: "far beyond" }).waitFor();
    await page.getByLabel("Value", { exact: true }).fill("12,75");
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.getByText("values that would change: 1. Nothing has changed yet.").waitFor();
    assert.equal((sent(/POST .*corrections/) as { dryRun: boolean }).dryRun, true);
    await page.locator("dialog").getByRole("button", { name: "Correct", exact: true }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    const { at, ...asked } = sent(/POST .*corrections/) as Record<string, unknown>;
    assert.deepEqual(asked, { variable: "flow", value: 12.75, reason: "bucket and watch" });
    assert.match(String(at), /T\d\d:\d\d:00/);
    await page.getByRole("link", { name: "Corrections" }).click();
    const row = page.locator(".correction", { hasText: "bucket and watch" });
    await row.getByText("Flow: 12.75 L/s").waitFor();
    await row.getByRole("button", { name: "Take back" }).click();
    await page.getByLabel("Why").fill("the bucket leaked");
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.locator("dialog").getByRole("button", { name: "Correct", exact: true }).click();
    await page.locator(".correction", { hasText: "the bucket leaked" }).getByText("Flow: what the source said").waitFor();
    assert.equal((sent(/POST .*corrections/) as { restore: boolean }).restore, true);
    await page.close();
  });

  test("a stretch is chosen from what the chart shows, and the table leads to an instant", async () => {
    const page = await open("/points/pt_apr?range=6h&view=table");
    await page.locator(".row-action .button").first().click();
    await page.locator("dialog h3", { hasText: "Depth to water" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.closest(".row-action") != null);
    await page.getByRole("button", { name: "Correct a stretch…" }).click();
    await page.getByText("No value", { exact: true }).click();
    await page.getByLabel("Why").fill("probe out of the well");
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.getByText("Nothing has changed yet").waitFor();
    const body = sent(/POST .*corrections/) as Record<string, string>;
    assert.equal(Date.parse(body["to"] ?? "") - Date.parse(body["from"] ?? ""), 6 * 3_600_000);
    assert.equal(body["withdraw"], true);
    await page.getByRole("button", { name: "Back" }).click();
    assert.equal(await page.getByLabel("Why").inputValue(), "probe out of the well");
    await page.close();
  });

  test("who may only look is told so, and finds no button that changes anything", async () => {
    const page = await open("/points/pt_apr/settings", {}, looking);
    await page.locator(".timeline > li").first().waitFor();
    await page.getByText("Changing it needs the role operator or admin").waitFor();
    for (const [path, ready] of [["/points/pt_apr/settings", ".timeline > li"], ["/points/pt_apr/decisions", ".decision"], ["/points/pt_apr/corrections", ".correction"]] as const) {
      await page.goto(looking.url + path);
      await page.waitForSelector(ready);
      assert.equal(await page.locator("main").getByRole("button", { name: /Change|Edit|Confirm|otherwise|Take back|Remove|Correct/ }).count(), 0, path);
    }
    await page.locator(".correction").first().getByRole("button", { name: "All that was said" }).click();
    await page.locator("dialog .revision-holds").waitFor();
    assert.equal(await page.locator("dialog .decision-actions").count(), 0);
    await page.close();
  });

  test("nothing threw and no policy was broken on the way", () => {
    assert.deepEqual(broken, []);
  });
});
