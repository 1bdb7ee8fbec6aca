import assert from "node:assert/strict";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { textsFor } from "../../runtime/index.ts";
import { findChromium } from "../../tools/chromium.ts";
import { browserFlags, violations } from "./axe.ts";
import type { ComplianceScene } from "./compliance-scene.ts";
import { startFixtureServer, type FixtureServer } from "./fixture-server.ts";

export interface Visitor {
  readonly role: "admin" | "auditor" | "compliance";
  readonly scene: ComplianceScene;
  /** Before the `@` of who is signed in; the role when absent. */
  readonly name?: string;
}

/** A place that is looked at, and what must stand there first. */
export interface Place {
  readonly path: string;
  /** Until then nothing is done on it; its heading when absent. */
  readonly begun?: string;
  readonly act?: (page: Page) => Promise<unknown>;
  readonly ready: string;
  readonly who?: string;
  /** Looked at in all four ways; the others, dialogs and rarer states, bear no colours of their own and are looked at in two. */
  readonly isPlain?: true;
}

const texts = { en: textsFor("en"), es: textsFor("es") };
const narrow = { width: 390, height: 844 };
const wide = { width: 1440, height: 900 };

/** The four ways in which places are looked at. */
export const looks = [
  { name: "light at 1440 px", isWhole: true, options: { colorScheme: "light", viewport: wide, locale: "en-GB" } },
  { name: "dark at 1440 px", isWhole: false, options: { colorScheme: "dark", viewport: wide, locale: "en-GB" } },
  { name: "light at 390 px", isWhole: false, options: { colorScheme: "light", viewport: narrow, locale: "es-CL" } },
  { name: "dark at 390 px", isWhole: true, options: { colorScheme: "dark", viewport: narrow, locale: "es-CL" } },
] as const;

/** A browser on pages of compliance, whose operations are the real ones, as different people see them. */
export class ComplianceBrowser {
  /** What went wrong on any page. */
  readonly broken: string[] = [];
  readonly #servers: ReadonlyMap<string, FixtureServer>;
  readonly #browser: Browser;

  private constructor(servers: ReadonlyMap<string, FixtureServer>, browser: Browser) {
    this.#servers = servers;
    this.#browser = browser;
  }

  /** `admin` is who visits where nobody else is named. */
  static async open(visitors: Readonly<Record<string, Visitor>>): Promise<ComplianceBrowser> {
    const servers = new Map<string, FixtureServer>();
    for (const [who, { role, name = role, scene }] of Object.entries(visitors)) {
      servers.set(who, await startFixtureServer({ texts, liveEveryMs: 0, role, name, compliance: { baseUrl: scene.baseUrl, nowMs: scene.nowMs, token: scene.token(role) } }));
    }
    const executablePath = findChromium();
    return new ComplianceBrowser(servers, await chromium.launch({ args: [...browserFlags], ...(executablePath === undefined ? {} : { executablePath }) }));
  }

  urlOf(who: string): string {
    return this.#servers.get(who)?.url ?? assert.fail(who);
  }

  async visit(path: string, options: BrowserContextOptions = {}, who = "admin"): Promise<Page> {
    const page = await this.#browser.newPage({ locale: "en-GB", timezoneId: "Asia/Tokyo", viewport: wide, reducedMotion: "reduce", ...options });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => this.broken.push(`${path}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) this.broken.push(`${path}: ${message.text()}`);
    });
    await page.goto(this.urlOf(who) + path);
    await page.waitForSelector("h1");
    return page;
  }

  /** Each place passes axe, fits its window and shows no key of a text. */
  async lookAt(places: readonly Place[], { isWhole, options }: (typeof looks)[number]): Promise<void> {
    const page = await this.visit("/compliance", options);
    for (const { path, begun = "h1", act, ready, who = "admin" } of places.filter(({ isPlain }) => isWhole || isPlain === true)) {
      await page.goto(this.urlOf(who) + path);
      await page.locator(begun).first().waitFor();
      await act?.(page);
      await page.locator(ready).first().waitFor();
      assert.deepEqual(await violations(page), [], `${path} ${ready}`);
      assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth")) <= 0, `${path} is wider than its window`);
      assert.equal(await page.getByText(/(^|\s)page\.[a-z]/).count(), 0, `${path} shows a key instead of its text`);
    }
    await page.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }
}
