import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { skipWithoutChromium } from "../tools/chromium.ts";
import { ComplianceBrowser, looks, type Place } from "./test-server/compliance-browser.ts";
import { openComplianceScene, type ComplianceScene } from "./test-server/compliance-scene.ts";

const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

const OBRA = "/compliance/dga/OB-0602-7";

describe("compliance in a browser, over the real operations", { skip, concurrency: false }, () => {
  let scene: ComplianceScene;
  let nothing: ComplianceScene;
  let browser: ComplianceBrowser;

  before(async () => {
    [scene, nothing] = await Promise.all([openComplianceScene(), openComplianceScene({ empty: true, breaker: true })]);
    browser = await ComplianceBrowser.open({
      admin: { role: "admin", scene, name: "admin-0" }, ana: { role: "compliance", scene, name: "compliance-1" }, looking: { role: "auditor", scene, name: "auditor-2" }, empty: { role: "admin", scene: nothing, name: "admin-0" },
    });
  });
  after(async () => {
    await browser?.close();
    await Promise.all([scene?.close(), nothing?.close()]);
  });

  const urlOf = (who: string): string => browser.urlOf(who);
  const open = (path: string, options: BrowserContextOptions = {}, who = "admin"): Promise<Page> => browser.visit(path, options, who);

  const places: readonly Place[] = [
    { path: "/compliance", ready: ".obra-row", isPlain: true },
    { path: "/compliance", ready: ".guide-empty .copy-line", who: "empty" },
    { path: `${OBRA}?slot=2026-06-09T10:00:00Z`, ready: ".slot-panel .entry", isPlain: true },
    { path: OBRA, ready: ".slot-tip", act: async (page) => page.locator("[data-cell]").first().focus() },
    { path: "/compliance/dga/OB-0602-8", ready: ".calendar-days .mark-verified" },
    { path: "/compliance/dga/OB-0710-1", ready: ".calendar-months .mark-ahead" },
    { path: `${OBRA}/ledger`, ready: ".entry" },
    { path: `${OBRA}/right`, ready: ".burn-table", isPlain: true, act: (page) => page.locator("main details summary").first().click() },
    { path: `${OBRA}/settings`, ready: ".version-list li" },
    { path: `${OBRA}/settings`, ready: "dialog[open]", act: (page) => page.locator(".page-head .button-danger").click() },
    { path: "/compliance/review", ready: ".held", isPlain: true },
    { path: "/compliance/review", ready: "dialog[open] .form-pair", act: (page) => page.locator(".held .decision-actions .button").nth(1).click() },
    { path: "/compliance/plan", ready: ".plan-row", isPlain: true },
    { path: "/compliance/plan", ready: "dialog[open] .check", act: (page) => page.locator(".switch .button").click() },
    { path: "/compliance/plan", ready: ".note-bad", who: "empty" },
  ];

  for (const look of looks) test(`every part passes axe, ${look.name}, and none is wider than its window`, () => browser.lookAt(places, look));

  test("works stand one a row, the worst first, and are narrowed down by state and by words", async () => {
    const page = await open("/compliance");
    await page.locator(".obra-row").nth(2).waitFor();
    assert.deepEqual(await page.locator(".obra-row h2").allTextContents(), ["Pozo El Peral", "Pozo Los Aromos", "Canal Matriz"]);
    await page.locator(".note", { hasText: "no regulator gets any of it" }).waitFor();
    const row = page.locator(".obra-row", { hasText: "Pozo Los Aromos" });
    assert.deepEqual(await row.locator(".obra-counts dd").allTextContents(), ["53", "2", "2", "1", "1", "3"]);
    await row.getByText("11 Jun 2026, 14:00").waitFor();
    await page.locator(".tile", { hasText: "To review" }).click();
    assert.deepEqual(await page.locator(".obra-row h2").allTextContents(), ["Pozo Los Aromos"]);
    await page.locator(".tile", { hasText: "All works" }).click();
    await page.fill("input[type=search]", "canal");
    assert.deepEqual(await page.locator(".obra-row h2").allTextContents(), ["Canal Matriz"]);
    await page.locator(".obra-row a").click();
    await page.waitForURL("**/compliance/dga/OB-0710-1");
    await page.close();
  });

  test("a month's every slot has its cell on the regulator's clock; keys go from slot to slot, Enter opens one, Escape hides its tip", async () => {
    const page = await open(OBRA);
    await page.locator("[data-cell]").nth(60).waitFor();
    assert.equal(await page.locator("[data-cell]").count(), 22 * 24);
    const count = (mark: string) => page.locator(`.calendar .mark-${mark}`).count();
    assert.deepEqual(await Promise.all(["verified", "late", "missing", "refused", "unknown", "review", "no-voucher", "accepted", "ready", "due"].map(count)), [49, 2, 2, 1, 1, 3, 1, 1, 1, 1]);
    const first = page.locator("[data-cell]").first();
    assert.match(await first.getAttribute("aria-label") ?? "", /^9 Jun 2026, 00:00, Verified, Flow 3\.25 L\/s, Total 100,000 m³, .*voucher aV/);
    await first.focus();
    await page.locator(".slot-tip", { hasText: "23:58:00 −2 min" }).waitFor();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key);
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label")?.startsWith("10 Jun 2026, 00:00") === true);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".slot-tip").count(), 0);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.locator(".slot-panel h2", { hasText: "9 Jun 2026, 00:00" }).waitFor();
    assert.equal(await page.locator('[aria-selected="true"]').count(), 1);
    assert.match(page.url(), /slot=2026-06-09T04%3A00%3A00Z/);
    await page.locator(".slot-panel .entry").nth(3).waitFor();
    assert.deepEqual(await page.locator(".slot-panel .entry-head b").allTextContents(), ["Frozen", "Attempt", "Outcome", "Verification"]);
    assert.match(await page.locator(".slot-panel .entry-hash code").first().textContent() ?? "", /^[0-9a-f]{64}$/);
    await page.getByRole("link", { name: "Month before" }).click();
    await page.getByRole("heading", { name: "May 2026" }).waitFor();
    await page.getByText("Nothing was owed in this time.").waitFor();
    await page.getByRole("link", { name: "Month after" }).click();
    await page.locator("[data-cell]").first().waitFor();
    await page.close();
  });

  test("the ledger is paged and shows vouchers alone; the right shows what is left and when it ends; reports are for taking", async () => {
    const page = await open(`${OBRA}/ledger`);
    await page.locator(".entry").nth(49).waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await page.locator(".entry").nth(99).waitFor();
    await page.getByLabel("Only with a voucher").check();
    assert.ok((await page.locator(".entry").count()) < 60);
    await page.getByRole("link", { name: "Right" }).click();
    await page.getByText("At this rate the right is used up on 26 Jun 2026. 288 m³ a day, over 1.5 days.").waitFor();
    await page.locator(".burn-chart .burn-projected").waitFor();
    await page.locator(".slot-facts", { hasText: "720 m³" }).waitFor();
    await page.getByLabel("Report", { exact: true }).selectOption("annual-volume");
    const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href") ?? "";
    const csv = await page.request.get(urlOf("admin") + href);
    assert.equal(csv.status(), 200);
    assert.match(await csv.text(), /OB-0602-7.*720/);
    assert.match(await page.getByRole("link", { name: "Evidence (ZIP)" }).getAttribute("href") ?? "", /evidence\?work=dga%2FOB-0602-7&from=2026-01-01&to=2027-01-01$/);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("Changed: Window around a slot").waitFor();
    await page.close();
  });

  test("held slots are confirmed and annulled with a reason; an edit waits for a second person", async () => {
    const page = await open("/compliance/review", {}, "ana");
    const dialog = page.locator("dialog");
    await page.locator(".held").nth(2).waitFor();
    assert.match(await page.locator(".held time").first().textContent() ?? "", /16:00/);
    await page.locator(".held").first().getByText("Above the water right").first().waitFor();
    await page.locator(".held").first().getByRole("button", { name: "Confirm" }).click();
    assert.ok(await dialog.getByRole("button", { name: "Confirm" }).isDisabled());
    await dialog.getByLabel("Why").fill("pumped for a test");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await page.locator(".note", { hasText: "It is written in the ledger." }).waitFor();
    await page.locator(".held").nth(2).waitFor({ state: "detached" });
    await page.locator(".held").first().getByRole("button", { name: "Annul" }).click();
    await dialog.getByLabel("Why").fill("the pump ran dry");
    await dialog.getByRole("button", { name: "Annul" }).click();
    await page.locator(".held").nth(1).waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Propose other values…" }).click();
    await dialog.getByLabel("Cause").selectOption("other");
    await dialog.getByLabel("Flow").fill("4,5");
    await dialog.getByLabel("Why").fill("the sensor was out of the water");
    await dialog.getByRole("button", { name: "Propose" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Cause").selectOption("instrument-fault");
    await dialog.getByRole("button", { name: "Propose" }).click();
    await page.getByText("Somebody else has to approve what you proposed.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Approve" }).count(), 0);
    await page.close();

    const second = await open("/compliance/review");
    await second.locator(".held", { hasText: "compliance-1 proposes other values" }).getByText("Flow 4.5 L/s").waitFor();
    await second.getByRole("button", { name: "Approve" }).click();
    await second.getByLabel("Why").fill("seen in the log book");
    await second.locator("dialog").getByRole("button", { name: "Approve" }).click();
    await second.getByText("Nothing waits for a person.").waitFor();
    await second.getByLabel("Show", { exact: true }).selectOption("accepted-no-voucher");
    await second.locator(".held", { hasText: "Accepted, no voucher" }).waitFor();
    assert.equal(await second.locator(".decision-actions").count(), 0);
    await second.goto(`${urlOf("admin")}${OBRA}?slot=2026-06-10T22:00:00Z`);
    await second.locator(".slot-panel", { hasText: "Two people put other values" }).getByText("4.5 L/s").waitFor();
    await second.getByText("Other values than measured, proposed by compliance-1").waitFor();
    await second.close();
  });

  test("a slot is written off, a work stopped and resumed, all sending switched off and on, each with a reason", async () => {
    const page = await open(`${OBRA}?slot=2026-06-09T16:00:00Z`);
    const dialog = page.locator("dialog");
    await page.locator(".slot-panel", { hasText: "Missing" }).getByRole("button", { name: "Write off…" }).click();
    await dialog.getByLabel("Why").fill("logger without power");
    await dialog.getByRole("button", { name: "Write off" }).click();
    await page.locator(".slot-panel .slot-state", { hasText: "Written off" }).waitFor();
    await page.getByRole("button", { name: "Stop this work" }).click();
    await dialog.getByLabel("Why").fill("meter under repair");
    await dialog.getByRole("button", { name: "Stop this work" }).click();
    await page.locator(".note", { hasText: "meter under repair" }).waitFor();
    await page.getByRole("button", { name: "Resume this work" }).click();
    await dialog.getByLabel("Why").fill("repaired");
    await dialog.getByRole("button", { name: "Resume this work" }).click();
    await page.getByRole("button", { name: "Stop this work" }).waitFor();

    await page.goto(`${urlOf("admin")}/compliance/plan`);
    await page.locator(".plan-row", { hasText: "OB-0602-7" }).waitFor();
    await page.getByRole("button", { name: "Stop all sending" }).click();
    await dialog.getByLabel("Why").fill("the regulator asked for it");
    assert.ok(await dialog.getByRole("button", { name: "Stop all sending" }).isDisabled());
    await dialog.getByLabel("I know that slots become late meanwhile").check();
    await dialog.getByRole("button", { name: "Stop all sending" }).click();
    await page.locator(".switch-off", { hasText: "the regulator asked for it" }).waitFor();
    await page.getByRole("link", { name: "Works", exact: true }).click();
    await page.locator(".note", { hasText: "Nothing is sent" }).getByRole("link", { name: "To the switch" }).click();
    await page.getByRole("button", { name: "Switch sending on" }).click();
    await dialog.getByLabel("Why").fill("over");
    await dialog.getByLabel("I checked that what waits may be sent").check();
    await dialog.getByRole("button", { name: "Switch sending on" }).click();
    await page.locator(".switch-on").waitFor();
    await page.close();
  });

  test("who may only look sees everything and no button that changes anything", async () => {
    const page = await open("/compliance", {}, "looking");
    for (const [path, ready] of [["/compliance", ".obra-row"], [`${OBRA}?slot=2026-06-09T17:00:00Z`, ".slot-panel"], ["/compliance/review", ".small"], ["/compliance/plan", ".switch"]] as const) {
      await page.goto(urlOf("looking") + path);
      await page.waitForSelector(ready);
      for (const name of [/Stop/, /Resume/, /Write off/, /Confirm/, /Annul/, /Propose/, /Approve/, /Switch/]) assert.equal(await page.locator("main").getByRole("button", { name }).count(), 0, `${path} ${name}`);
    }
    await page.close();
  });

  test("nothing broke on the way", () => assert.deepEqual(browser.broken, []));
});
