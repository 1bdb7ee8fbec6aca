import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { textsFor } from "../runtime/index.ts";
import { findChromium, skipWithoutChromium } from "../tools/chromium.ts";
import { browserFlags, violations } from "./test-server/axe.ts";
import { startFixtureServer, type FixtureServer } from "./test-server/fixture-server.ts";

const missing = skipWithoutChromium();
if (missing !== false && process.env["CI"] === "true") throw new Error(missing);

const texts = { en: textsFor("en"), es: textsFor("es") };
const narrow = { width: 390, height: 844 };
const wide = { width: 1440, height: 900 };

describe("the page in a browser", { skip: missing, concurrency: false }, () => {
  let server: FixtureServer;
  let empty: FixtureServer;
  let closed: FixtureServer;
  let browser: Browser;
  const broken: string[] = [];

  before(async () => {
    [server, empty, closed] = await Promise.all([
      startFixtureServer({ texts, liveEveryMs: 0 }), startFixtureServer({ texts, points: [], liveEveryMs: 0 }), startFixtureServer({ texts, token: "caudal-test-token", liveEveryMs: 0 }),
    ]);
    const executablePath = findChromium();
    browser = await chromium.launch({ args: [...browserFlags], ...(executablePath === undefined ? {} : { executablePath }) });
  });
  after(async () => {
    await browser.close();
    await Promise.all([server.stop(), empty.stop(), closed.stop()]);
  });

  async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage({ locale: "en-GB", timezoneId: "America/Santiago", viewport: wide, reducedMotion: "reduce", ...options });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => broken.push(`${url}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) broken.push(`${url}: ${message.text()}`);
    });
    await page.goto(url);
    await page.waitForSelector("h1");
    return page;
  }

  const screens: readonly { readonly name: string; readonly url: () => string; readonly ready: string; readonly act?: (page: Page) => Promise<void> }[] = [
    { name: "points", url: () => `${server.url}/`, ready: ".point-row .spark svg" },
    { name: "how to send", url: () => `${server.url}/`, ready: ".guide", act: (page) => page.click(".page-head .button") },
    { name: "no points yet", url: () => `${empty.url}/`, ready: ".guide-empty .copy-line" },
    { name: "a point", url: () => `${server.url}/points/pt_apr`, ready: ".bars", act: (page) => page.waitForSelector(".plot canvas").then(() => undefined) },
    { name: "several points together", url: () => `${server.url}/points/pt_logan?range=30d&layout=together&with=pt_spring`, ready: ".plot canvas", act: async (page) => page.click("details.marked summary") },
    { name: "the table", url: () => `${server.url}/points/pt_apr?view=table&range=7d`, ready: ".data-table" },
    { name: "custom range", url: () => `${server.url}/points/pt_apr`, ready: "#range-fields", act: (page) => page.click("[aria-controls=range-fields]") },
    { name: "editing", url: () => `${server.url}/points/pt_kitchen`, ready: "dialog[open] select", act: (page) => page.click("text=Edit point") },
    { name: "parked", url: () => `${server.url}/parked`, ready: ".parked" },
    { name: "a parked value", url: () => `${server.url}/parked`, ready: "dialog[open] pre", act: (page) => page.locator(".parked-actions .button").first().click() },
    { name: "devices", url: () => `${server.url}/devices`, ready: ".device" },
    { name: "providers", url: () => `${server.url}/providers`, ready: ".polled", act: (page) => page.locator(".account-more summary").nth(1).click() },
    { name: "no providers yet", url: () => `${empty.url}/providers`, ready: ".guide-empty .copy-line" },
    { name: "sign in", url: () => `${closed.url}/`, ready: ".sign-in form" },
  ];

  for (const [colorScheme, viewport] of [["light", wide], ["dark", narrow]] as const) {
    test(`every screen passes axe, ${colorScheme} at ${viewport.width} px, and none is wider than its window`, async () => {
      const page = await open(`${server.url}/devices`, { colorScheme, viewport });
      for (const screen of screens) {
        await page.goto(screen.url());
        await page.waitForSelector("h1");
        await screen.act?.(page);
        await page.waitForSelector(screen.ready);
        assert.deepEqual(await violations(page), [], `${screen.name}, ${colorScheme}`);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${screen.name} is wider than ${viewport.width}`);
      }
      await page.close();
    });
  }

  test("a value changes live, a new point appears, and the connection says when it is gone and back", async () => {
    const page = await open(`${server.url}/`, { locale: "es-CL" });
    await page.waitForSelector(".pill-live");
    const row = page.locator(".point-row", { hasText: "Llave de la cocina" });
    server.measure("pt_kitchen", "flow", 7.125);
    await row.locator(".quantity", { hasText: "7,125" }).waitFor();
    await page.click(".page-head .button");
    await page.click("text=Enviar una lectura de prueba");
    await page.waitForSelector("text=Ver su punto");
    await page.locator(".point-row", { hasText: "my-meter" }).waitFor();
    assert.deepEqual(server.calls.find((call) => call.line === "POST /api/v1/readings?device=my-meter")?.body, { values: { flow: 12.5 } });
    server.dropStreams();
    await page.waitForSelector(".pill-waiting");
    await page.waitForSelector(".pill-live");
    server.measure("pt_kitchen", "flow", 8.25);
    await row.locator(".quantity", { hasText: "8,25" }).waitFor();
    await page.click("text=Ver su punto");
    await page.waitForURL("**/points/pt_mine");
    await page.close();
  });

  test("points are found by search and by state", async () => {
    const page = await open(`${server.url}/`);
    await page.waitForSelector(".point-row");
    await page.fill("input[type=search]", "rio primavera");
    assert.deepEqual(await page.locator(".point-row h2").allTextContents(), ["Río Logan, primavera"]);
    await page.fill("input[type=search]", "");
    await page.click(".tile-stale");
    assert.deepEqual(await page.locator(".point-row h2").allTextContents(), ["Hogar 08: silencio de 18 días"]);
    await page.close();
  });

  test("a chart is moved along by keyboard, zoomed by keys and by drag, and what it shows stands in the address", async () => {
    const page = await open(`${server.url}/points/pt_apr`);
    const plot = page.locator(".plot").first();
    await plot.locator("canvas").waitFor();
    await plot.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => /Flow .*L\/s/.test(document.querySelector(".chart-panel [aria-live]")?.textContent ?? ""));
    await page.waitForSelector(".readout");
    await page.keyboard.press("+");
    await page.waitForURL(/from=.*to=/);
    await page.waitForSelector(".history-body[aria-busy=false]");
    const over = page.locator(".u-over").first();
    await over.waitFor();
    const before = page.url();
    const box = (await over.boundingBox()) ?? assert.fail("no chart");
    await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction((url) => location.href !== url, before);
    const csv = await page.locator("a[download]").first().getAttribute("href");
    const shown = new URL(page.url()).searchParams;
    assert.equal(new URL(csv ?? "", server.url).searchParams.get("from"), shown.get("from"));
    assert.match(csv ?? "", /format=csv/);
    await page.close();
  });

  test("a point is renamed and its unit corrected; what the server refuses stands at its field", async () => {
    const page = await open(`${server.url}/points/pt_kitchen`);
    await page.click("text=Edit point");
    const name = page.getByLabel("Name");
    await name.fill("");
    await page.click("text=Save changes");
    await page.waitForSelector("text=Write between 1 and 200 characters.");
    assert.equal(await name.getAttribute("aria-invalid"), "true");
    await name.fill("Kitchen tap");
    await page.getByLabel("Unit it writes").selectOption("m3/h");
    await page.waitForSelector("text=The past is computed again");
    await page.click("text=Save changes");
    await page.waitForSelector("h1:has-text('Kitchen tap')");
    assert.equal(await page.locator("dialog").count(), 0);
    await page.waitForFunction(() => document.activeElement?.textContent === "Edit point");
    assert.deepEqual(server.calls.findLast((call) => call.line.startsWith("PUT"))?.body, { name: "Kitchen tap", variables: [{ key: "flow", variable: "flow", unit: "m3/h" }] });
    await page.close();
  });

  test("a parked event is seen byte by byte, replayed and discarded with a reason; a waiting device is adopted", async () => {
    const page = await open(`${server.url}/parked`);
    const binary = page.locator(".parked", { hasText: "First byte is 7b" });
    await binary.locator("text=View whole").click();
    await page.waitForSelector("text=000000  7b 00 01 ff");
    await page.keyboard.press("Escape");
    await binary.locator(".button-danger").click();
    await page.getByLabel("Why").fill("written by a test tool");
    await page.locator("dialog .button-danger").click();
    await binary.waitFor({ state: "detached" });
    assert.deepEqual(server.calls.find((call) => call.line === "POST /api/v1/parked/pk_3/discard")?.body, { reason: "written by a test tool" });
    await page.locator(".parked", { hasText: "Line 12" }).getByRole("button", { name: "Replay" }).click();
    await page.locator(".parked", { hasText: "Line 12" }).waitFor({ state: "detached" });
    await page.getByLabel("Reason").selectOption("malformed-json");
    await page.click("text=Replay all of the filter");
    await page.click("dialog .button-main");
    await page.waitForSelector("text=Nothing matches this filter");
    assert.deepEqual(server.calls.find((call) => call.line === "POST /api/v1/parked/replay")?.body, { reason: "malformed-json" });
    await page.click("nav >> text=Devices");
    await page.getByRole("button", { name: "Adopt" }).click();
    await page.locator(".device-waiting").waitFor({ state: "detached" });
    await page.close();
  });

  test("providers: who needs a person comes first, more on demand, and a refusal is told with what it means", async () => {
    const page = await open(`${server.url}/providers`);
    const first = page.locator(".account-card").first();
    await first.locator("summary", { hasText: "Devices: 130" }).click();
    assert.equal(await first.locator(".polled h3").first().innerText(), "pozo-100");
    await first.locator(".polled", { hasText: "pozo-100" }).getByText("Misconfigured since").waitFor();
    assert.equal(await first.locator(".polled").count(), 20);
    await first.locator(".account-more").last().getByRole("button", { name: "Show more" }).click();
    assert.equal(await first.locator(".polled").count(), 40);
    assert.equal(await first.getByRole("button", { name: "Poll now" }).first().isDisabled(), true);
    await first.getByText("at most 100 devices").waitFor();
    await first.getByText("pozo-999").waitFor();
    await first.locator(".polled").first().getByRole("button", { name: "Poll now" }).click();
    await first.getByText("try again in 1 min").waitFor();
    assert.ok(server.calls.some((call) => call.line === "POST /api/v1/collect/riego-tdata?device=pozo-100"));
    const elsewhere = page.locator(".account-elsewhere");
    await elsewhere.getByText("at most 30 seconds old").waitFor();
    await elsewhere.getByRole("button", { name: "Poll now" }).first().click();
    await elsewhere.getByText("only it may").waitFor();
    await page.locator(".account-outage").getByText("Renew the secret").waitFor();
    await page.locator(".account-standby").getByText("No collector asks").waitFor();
    await page.click("nav >> text=Devices");
    await page.locator(".refused-list li", { hasText: "spoke for another device" }).waitFor();
    await page.close();
  });

  test("a token typed once opens the page, and signing out closes it", async () => {
    const page = await open(`${closed.url}/points/pt_apr`);
    await page.getByLabel("Token").fill("wrong");
    await page.click("text=Enter");
    await page.waitForSelector("text=The token is not valid");
    await page.getByLabel("Token").fill("caudal-test-token");
    await page.click("text=Enter");
    await page.waitForSelector("h1:has-text('Pozo APR Los Aromos')");
    await page.click("text=Sign out");
    await page.waitForSelector(".sign-in");
    await page.close();
  });

  test("language and theme are switched and remembered, focus follows a move, skip link and unknown paths work", async () => {
    const page = await open(`${server.url}/`);
    await page.waitForSelector("h1:has-text('Points')");
    await page.click(".tool-language");
    await page.waitForSelector("h1:has-text('Puntos')");
    await page.waitForFunction(() => document.documentElement.lang === "es");
    await page.click("[aria-label^='Tema']");
    await page.click("[aria-label^='Tema']");
    await page.reload();
    await page.waitForSelector("h1:has-text('Puntos')");
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
    await page.click("nav >> text=Equipos");
    await page.waitForSelector("h1:has-text('Equipos')");
    await page.waitForFunction(() => document.activeElement?.id === "content");
    await page.waitForFunction(() => document.title === "Equipos · Caudal");
    await page.goBack();
    await page.waitForSelector("h1:has-text('Puntos')");
    await page.reload();
    await page.waitForSelector("h1:has-text('Puntos')");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "content");
    await page.goto(`${server.url}/points/pt_none`);
    await page.waitForSelector("text=No such point");
    await page.close();
  });

  test("thousands of points scroll without drawing them all", async () => {
    const first = server.points[0] ?? assert.fail("no point");
    const many = await startFixtureServer({ texts, liveEveryMs: 0, points: Array.from({ length: 3_000 }, (_, index) => ({ ...first, id: `pt_${index}`, name: `Punto ${index}`, periodS: 86_400 })) });
    try {
      const page = await open(`${many.url}/`);
      await page.waitForSelector(".point-row");
      assert.ok((await page.locator(".point-row").count()) < 60);
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.waitForSelector("text=Punto 2999");
      assert.equal(await page.locator(".point-row").last().getAttribute("aria-setsize"), "3000");
      await page.close();
    } finally {
      await many.stop();
    }
  });

  test("nothing threw and no policy was broken on the way", () => {
    assert.deepEqual(broken, []);
  });
});
