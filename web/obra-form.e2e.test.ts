import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { skipWithoutChromium } from "../tools/chromium.ts";
import { violations } from "./test-server/axe.ts";
import { ComplianceBrowser, looks, type Place } from "./test-server/compliance-browser.ts";
import { openComplianceScene, type ComplianceScene } from "./test-server/compliance-scene.ts";

const skip = skipWithoutChromium();
if (skip !== false && process.env["CI"] === "true") throw new Error(skip);

const CLAVE = "Synthetic-Clave-47q";
const HEAD = "code,client,name,standard,water,centre_rut,informant_rut,feeds,submit_from,mode\r\n";
const line = (code: string, name: string, informant = "12345678-5"): string => `${code},acme,${name},mayor,groundwater,76543210-3,${informant},flow=p7:flow | total=p7:total | depth=p7:depth,2026-06-11,off\r\n`;
const csv = (...lines: readonly string[]) => ({ name: "obras.csv", mimeType: "text/csv", buffer: Buffer.from(HEAD + lines.join("")) });

describe("registering works in a browser, over the real operations", { skip, concurrency: false }, () => {
  let scene: ComplianceScene;
  let live: ComplianceScene;
  let browser: ComplianceBrowser;

  before(async () => {
    [scene, live] = await Promise.all([openComplianceScene(), openComplianceScene({ mode: "live" })]);
    browser = await ComplianceBrowser.open({ admin: { role: "admin", scene }, looking: { role: "auditor", scene }, deciding: { role: "compliance", scene }, live: { role: "admin", scene: live } });
  });
  after(async () => {
    await browser?.close();
    await Promise.all([scene?.close(), live?.close()]);
  });

  const urlOf = (who: string): string => browser.urlOf(who);
  const open = (path: string, options: BrowserContextOptions = {}, who = "admin"): Promise<Page> => browser.visit(path, options, who);
  const check = (page: Page) => page.getByRole("button", { name: /See what changes|Ver qué cambia/ }).click();

  const places: readonly Place[] = [
    { path: "/compliance/dga/OB-0602-7/edit", begun: ".feed-quantity", ready: ".feed-chosen .quantity, .feed-chosen .small", isPlain: true },
    { path: "/compliance/new", begun: ".feed-quantity", ready: ".error-summary", act: check },
    { path: "/compliance/new", begun: ".feed-quantity", ready: ".combo-list li", act: (page) => page.getByRole("combobox", { name: /Point for Flow|Punto para Caudal/ }).click() },
    { path: "/compliance/dga/OB-0710-1/edit", begun: ".feed-quantity", ready: "dialog[open] .change-table .check, dialog[open] .check", who: "live", act: async (page) => { await page.getByRole("radio", { name: /^(Live|En vivo)/ }).check(); await check(page); } },
    { path: "/compliance/import", ready: ".import-refused", isPlain: true, act: (page) => page.locator("input[type=file]").setInputFiles(csv(line("OB-0602-7", "Otro"), line("OB-0602-55", "Nuevo"), line("OB-0602-56", "Malo", "12345678-9"))) },
    { path: "/compliance/credentials", ready: ".credential" },
    { path: "/compliance/credentials", ready: "dialog[open] input[type=password]", act: (page) => page.locator(".tab-body > p > .button-main").click() },
    { path: "/compliance/dga/OB-0602-7/settings", ready: "dialog[open] .file-drop", act: (page) => page.locator(".certificates .button").click() },
  ];

  for (const look of looks) test(`every form passes axe, ${look.name}, and none is wider than its window`, () => browser.lookAt(places, look));

  test("a work is registered from nothing, by keys alone where points are chosen, and its slots stand in its calendar", async () => {
    const page = await open("/compliance");
    await page.getByRole("link", { name: "Register a work" }).click();
    await page.locator(".feed-quantity").first().waitFor();
    await check(page);
    const summary = page.locator(".error-summary");
    await page.waitForFunction(() => document.activeElement?.classList.contains("error-summary"));
    assert.deepEqual(await summary.getByRole("link").allTextContents(), ["Code of the work", "Client", "Name", "RUT of the informant", "RUT of the control centre", "Point of the flow", "Point of the total", "Point of the depth to water"]);
    await summary.getByRole("link", { name: "Point of the total" }).click();
    await page.locator(".combo-list").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "obra-feeds-total");
    await page.keyboard.press("Escape");

    await page.getByLabel("Code of the work").fill("OB-0602-99");
    await page.getByLabel("Client", { exact: true }).fill("los-aromos");
    await page.getByLabel("Name", { exact: true }).fill("Pozo Nuevo");
    await page.getByLabel("RUT of the informant").fill("12345678-5");
    await page.getByLabel("RUT of the control centre").fill("76.543.210-4");
    await page.getByText("The check digit should be 3.").waitFor();
    await page.getByLabel("RUT of the control centre").fill("76.543.210-3");
    await page.getByText("Check digit right: 76543210-3").waitFor();
    for (const quantity of ["Flow", "Total", "Depth to water"]) {
      await page.getByRole("combobox", { name: `Point for ${quantity}` }).focus();
      await page.keyboard.type("aromos w-07");
      await page.locator(".combo-list [aria-selected=true]", { hasText: "Pozo APR Los Aromos" }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Change Pozo APR Los Aromos");
    }
    await page.locator(".feed-chosen", { hasText: "L/s" }).first().waitFor();
    await page.locator("#obra-right-flowLps").fill("5,5");
    await page.getByLabel("Live").check();
    await check(page);
    const dialog = page.locator("dialog");
    await dialog.getByText("its slots go to a sandbox, and the DGA gets nothing because of saving").waitFor();
    await dialog.locator("tr", { hasText: "Right, flow" }).getByText("5.5 L/s").waitFor();
    assert.ok(await dialog.getByRole("button", { name: "Register" }).isDisabled());
    await dialog.getByLabel("Why").fill("new well");
    await dialog.getByRole("button", { name: "Register" }).click();
    await page.waitForURL("**/compliance/dga/OB-0602-99");
    await page.getByRole("heading", { name: "Pozo Nuevo" }).waitFor();
    await scene.makeSlots();
    await page.reload();
    await page.locator('[data-cell][aria-label^="12 Jun 2026, 00:00"]').waitFor();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.locator(".version-list", { hasText: "new well" }).waitFor();
    await page.close();
  });

  test("what the server refuses stands at its field, in the page's language; what saving would change is shown, old beside new", async () => {
    const page = await open("/compliance/dga/OB-0602-8/edit", { locale: "es-CL" });
    const window = page.getByLabel("Ventana de un instante");
    await window.fill("715,5");
    await page.getByLabel("Estándar", { exact: true }).selectOption("mayor");
    await check(page);
    await page.locator(".error-summary a", { hasText: "Ventana de un instante" }).click();
    await page.waitForFunction(() => document.activeElement?.id === "obra-windowMinutes" && document.activeElement.getAttribute("aria-invalid") === "true");
    await page.locator("#obra-windowMinutes-problem", { hasText: "la ventana es como máximo la mitad de los 60 minutos" }).waitFor();
    await window.fill("5");
    await page.getByLabel("Estándar", { exact: true }).selectOption("medio");
    await check(page);
    await page.getByText("Nada difiere de lo guardado.").waitFor();
    await page.getByLabel("Nombre", { exact: true }).fill("Pozo El Peral 2");
    await page.getByLabel("Desfase permitido").fill("10");
    await check(page);
    const rows = page.locator("dialog .change-table tbody tr");
    await rows.nth(1).waitFor();
    assert.deepEqual(await rows.locator("td").allTextContents(), ["Pozo El Peral", "Pozo El Peral 2", "15 días", "10 días"]);
    await page.locator("dialog").getByRole("button", { name: "Cancelar" }).click();
    await check(page);
    await page.locator("dialog").getByLabel("Por qué").fill("segunda bomba");
    await page.locator("dialog").getByRole("button", { name: "Guardar cambios" }).click();
    await page.waitForURL("**/OB-0602-8/settings");
    await page.locator(".version-list li", { hasText: "segunda bomba" }).getByText("Versión 2").waitFor();
    await page.close();
  });

  test("what somebody else saved meanwhile is shown and never written over unseen", async () => {
    const page = await open("/compliance/dga/OB-0710-1/edit");
    const name = page.getByLabel("Name", { exact: true });
    await name.fill("Canal Matriz Norte");
    await scene.change("OB-0710-1", { settleMinutes: 12, name: "Canal Mayor" }, "longer rest");
    await check(page);
    const conflict = page.locator(".conflict");
    await conflict.getByText(/Ana Soto changed this work meanwhile/).waitFor();
    assert.deepEqual(await conflict.locator("tbody tr").allTextContents(), ["nameCanal MatrizCanal Mayor", "Settles after10 mins12 mins"]);
    await conflict.getByText("You both changed some of it").waitFor();
    assert.deepEqual(await violations(page), []);
    await conflict.getByRole("button", { name: "Keep mine on top of it" }).click();
    await check(page);
    await page.locator("dialog .change-table tbody tr").first().waitFor();
    assert.deepEqual(await page.locator("dialog .change-table tbody tr").allTextContents(), ["nameCanal MayorCanal Matriz Norte"]);
    await page.locator("dialog").getByLabel("Why").fill("northern branch");
    // Once more between preview and saving.
    await scene.change("OB-0710-1", { settleMinutes: 13 }, "even longer");
    await page.locator("dialog").getByRole("button", { name: "Save changes" }).click();
    await conflict.getByText("even longer").waitFor();
    await conflict.getByRole("button", { name: "Begin anew from it" }).click();
    await conflict.waitFor({ state: "detached" });
    assert.deepEqual([await name.inputValue(), await page.getByLabel("Settles for").inputValue()], ["Canal Mayor", "13"]);

    await page.goto(`${urlOf("admin")}/compliance/new`);
    await page.getByLabel("Code of the work").fill("OB-0602-7");
    await page.getByLabel("Client", { exact: true }).fill("acme");
    await name.fill("Twice");
    for (const field of ["RUT of the informant", "RUT of the control centre"]) await page.getByLabel(field).fill("12345678-5");
    for (const quantity of ["Flow", "Total", "Depth to water"]) {
      await page.getByRole("combobox", { name: `Point for ${quantity}` }).click();
      await page.locator(".combo-list li").first().click();
    }
    await check(page);
    await conflict.getByRole("link", { name: "Pozo Los Aromos" }).waitFor();
    await page.close();
  });

  test("where the installation is live the form says so, and asks whether it is meant, before a work goes live", async () => {
    const page = await open("/compliance/dga/OB-0710-1/edit", {}, "live");
    await page.getByLabel("Name", { exact: true }).fill("Canal");
    await check(page);
    const dialog = page.locator("dialog");
    await dialog.getByText("Saving sends nothing: the work is not live.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByLabel("Live").check();
    await check(page);
    await dialog.locator(".note-warn", { hasText: /This installation is live.* sent to the DGA/ }).waitFor();
    await dialog.getByLabel("Why").fill("goes live");
    assert.ok(await dialog.getByRole("button", { name: "Save changes" }).isDisabled());
    await dialog.getByLabel("I know that the DGA gets its slots").check();
    await dialog.getByRole("button", { name: "Save changes" }).click();
    await page.waitForURL("**/OB-0710-1/settings");
    await page.close();
  });

  test("a CSV file is previewed row by row, then applied; many rows are paged; a file may be dropped", async () => {
    const page = await open("/compliance");
    await page.getByRole("link", { name: "Import CSV" }).click();
    await page.getByRole("heading", { name: "Import CSV" }).waitFor();
    const file = page.locator("input[type=file]");
    await file.setInputFiles({ ...csv(), buffer: Buffer.from(`${HEAD}"open`) });
    await page.getByRole("alert").getByText(/line 2: a quoted cell has no end/).waitFor();
    await file.setInputFiles(csv(...Array.from({ length: 60 }, (_, at) => line(`OB-0603-${at + 1}`, `Pozo ${at}`))));
    await page.locator(".import-row").nth(49).waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await page.locator(".import-row").nth(59).waitFor();
    assert.equal(await page.locator(".import-row").count(), 60);

    const exported = await page.request.get(urlOf("admin") + (await page.getByRole("link", { name: "Export CSV" }).getAttribute("href") ?? ""));
    const lines = (await exported.text()).split("\r\n");
    const mine = [lines[0] ?? "", (lines.find((each) => each.includes("OB-0602-7")) ?? "").replace("Pozo Los Aromos", "Pozo Los Aromos 2"), lines.find((each) => each.includes("OB-0602-99")) ?? ""].join("\r\n");
    const given = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "mine.csv", { type: "text/csv" }));
      return transfer;
    }, mine);
    await page.dispatchEvent(".file-drop", "drop", { dataTransfer: given });
    await page.locator(".import-changed", { hasText: "OB-0602-7" }).getByText("Pozo Los Aromos 2").waitFor();
    assert.deepEqual(await page.locator(".tile-count").allTextContents(), ["2", "0", "1", "1", "0"]);

    await file.setInputFiles(csv(line("OB-0602-7", "Pozo Uno"), line("OB-0604-1", "Pozo Dos"), line("OB-0604-2", "Pozo Tres", "12345678-9")));
    await page.locator(".import-refused", { hasText: "the check digit should be 5" }).getByText("informant_rut").waitFor();
    await page.locator(".tile", { hasText: "Refused" }).click();
    await page.locator(".import-row").nth(1).waitFor({ state: "detached" });
    assert.equal(await page.locator(".import-row").count(), 1);
    await page.getByText("Refused rows, 1, are left out").waitFor();
    await page.getByLabel("Why").fill("yearly list");
    await page.getByRole("button", { name: "Apply to 2 works" }).click();
    await page.locator(".note", { hasText: "Works written: 2" }).waitFor();
    await page.getByRole("link", { name: "To the works" }).click();
    await page.locator(".obra-row h2", { hasText: "Pozo Dos" }).waitFor();
    assert.equal(await page.locator(".obra-row h2", { hasText: "Pozo Tres" }).count(), 0);
    await page.close();
  });

  test("a password goes in and is in no page, answer, log or file", async () => {
    const page = await open("/compliance/credentials");
    const answers: Promise<string>[] = [];
    // The live stream has no end.
    page.on("response", (response) => {
      if (!response.url().endsWith("/live")) answers.push(response.text().then((text) => text + JSON.stringify(response.headers()), () => ""));
    });
    const dialog = page.locator("dialog");
    await page.locator(".credential", { hasText: "12345678-5" }).waitFor();
    await page.getByRole("button", { name: "Set a password" }).click();
    const password = dialog.getByLabel("Password", { exact: true });
    assert.deepEqual([await password.getAttribute("type"), await password.getAttribute("autocomplete")], ["password", "new-password"]);
    await dialog.getByLabel("Informant").fill("11111111-2");
    await dialog.getByText("The check digit should be 1.").waitFor();
    await password.fill(CLAVE);
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await dialog.getByRole("alert").getByText(/its check digit should be 1/).waitFor();
    assert.equal(await password.inputValue(), "");
    await dialog.getByLabel("Informant").fill("11111111-1");
    await password.fill(CLAVE);
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await page.locator(".credential", { hasText: "11111111-1" }).getByText(/set by admin/).waitFor();
    await page.getByRole("button", { name: "Replace the password of 11111111-1" }).click();
    assert.equal(await password.inputValue(), "");
    await password.fill(`${CLAVE}-2`);
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await page.getByText("The password of 11111111-1 is held.").first().waitFor();
    await page.reload();
    await page.locator(".credential", { hasText: "11111111-1" }).waitFor();
    assert.ok(!(await page.content()).includes(CLAVE), "it stands in the page");
    assert.ok(answers.length > 3);
    assert.ok(!(await Promise.all(answers)).join("\n").includes(CLAVE), "it stands in an answer");
    assert.ok(!scene.lines.join("\n").includes(CLAVE), "it stands in the log");
    const files = await Promise.all((await readdir(scene.folder, { recursive: true })).map((name) => readFile(join(scene.folder, name)).catch(() => Buffer.alloc(0))));
    assert.ok(files.some((bytes) => bytes.includes("11111111-1")), "whose it is stands in a file");
    assert.ok(!files.some((bytes) => bytes.includes(CLAVE)), "it stands in a file");
    await page.close();
  });

  test("a certificate goes up and comes down as it was; one too large, or of a name that is taken, is told", async () => {
    const page = await open("/compliance/dga/OB-0602-7/settings");
    const dialog = page.locator("dialog");
    const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x2d, 0xff, 0x00, 0xfe]);
    const give = (buffer: Buffer, mimeType = "application/pdf") => dialog.locator("input[type=file]").setInputFiles({ name: "Calibración 2026.pdf", mimeType, buffer });
    const add = page.getByRole("button", { name: "Add a certificate" });
    await page.getByText("None yet.").waitFor();
    await add.click();
    await dialog.getByText("at most 8.4 MB").waitFor();
    await give(Buffer.alloc(8 * 1024 * 1024 + 1));
    await dialog.getByText("The file is larger than 8.4 MB.").waitFor();
    await give(bytes, "text/html");
    await dialog.getByText("This kind of file is not taken").waitFor();
    await give(bytes);
    await dialog.getByText("Calibración 2026.pdf (8 bytes)").waitFor();
    assert.equal(await dialog.getByLabel("What it is").inputValue(), "Calibración 2026");
    await dialog.getByLabel("Note").fill("by the maker");
    await dialog.getByRole("button", { name: "Keep it" }).click();
    const link = page.locator(".certificate-list").getByRole("link", { name: "Calibración 2026" });
    await link.waitFor();
    const got = await page.request.get(urlOf("admin") + (await link.getAttribute("href") ?? ""));
    assert.deepEqual(await got.body(), bytes);
    assert.match(got.headers()["content-disposition"] ?? "", /attachment; filename="calibracion-2026.pdf"/);
    await add.click();
    await give(Buffer.from("%PDF another"));
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await dialog.getByText("There is another file under this name").waitFor();
    await page.close();
  });

  test("who may not change works is offered none of it, and gets no form by its address", async () => {
    for (const who of ["looking", "deciding"]) {
      const page = await open("/compliance", {}, who);
      for (const [path, ready] of [["/compliance", ".obra-row"], ["/compliance/dga/OB-0602-7/settings", ".certificate-list li"], ["/compliance/credentials", ".credential"]] as const) {
        await page.goto(urlOf(who) + path);
        await page.waitForSelector(ready);
        for (const role of ["link", "button"] as const) assert.equal(await page.locator("main").getByRole(role, { name: /Register|Import|Change this work|Add a certificate|Set a password|Replace/ }).count(), 0, `${who} ${path} ${role}`);
      }
      for (const path of who === "looking" ? ["/compliance/new", "/compliance/dga/OB-0602-7/edit", "/compliance/import"] : []) {
        await page.goto(urlOf(who) + path);
        await page.getByText("You may look at this.").waitFor();
        assert.equal(await page.locator("main input, main form").count(), 0, path);
      }
      await page.close();
    }
  });

  test("nothing broke on the way", () => assert.deepEqual(browser.broken, []));
});
