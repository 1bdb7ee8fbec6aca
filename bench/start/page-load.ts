import type { EntryType } from "node:perf_hooks";
import { chromium, type Browser, type Page } from "playwright-core";
import { findChromium, skipWithoutChromium } from "../../tools/chromium.ts";
import { browserFlags } from "../../web/test-server/axe.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { median } from "../harness/statistics.ts";

const ROUNDS = 7;
/** No long task may come for so long after the list is there. */
const QUIET_MS = 1000;
const LOAD_MS = 30_000;
const READY = ".point-row";

interface Load {
  readonly bytes: number;
  readonly requests: number;
  readonly paintMs: number;
  readonly interactiveMs: number;
}

/** The overview in a Chromium whose cache is empty, and again with what it has kept. */
export async function measurePageLoad(context: BenchContext, url: string): Promise<void> {
  const missing = skipWithoutChromium();
  if (missing !== false) return context.note(`The page's first load is left out: ${missing}.`);
  const browser = await chromium.launch({ args: [...browserFlags], executablePath: findChromium() ?? "" });
  try {
    const loads = { first: [] as Load[], again: [] as Load[] };
    for (let round = 0; round < ROUNDS; round++) {
      const { first, again } = await loadTwice(browser, url);
      loads.first.push(first);
      loads.again.push(again);
    }
    for (const [name, of] of [["first page load", loads.first], ["page load again", loads.again]] as const) {
      const middle = (one: keyof Load): number => median(of.map((load) => load[one]));
      context.figure({ name: `${name}: over the wire`, value: middle("bytes") / 1024, unit: "KiB" });
      context.figure({ name: `${name}: requests`, value: middle("requests"), unit: "" });
      context.figure({ name: `${name}: first content painted`, value: middle("paintMs"), unit: "ms" });
      context.figure({ name: `${name}: interactive`, value: middle("interactiveMs"), unit: "ms" });
    }
    context.note(`Page: the overview in Chromium ${browser.version()} over loopback, median of ${ROUNDS}. Bytes are those of the answers with their headers, as the browser counts them, until it is interactive: the points are listed, and no task of 50 ms or more came within ${QUIET_MS / 1000} s after. The browser has the server's cores.`);
  } finally {
    await browser.close();
  }
}

async function loadTwice(browser: Browser, url: string): Promise<{ readonly first: Load; readonly again: Load }> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(LOAD_MS);
    await page.addInitScript(watchLongTasks);
    const first = await load(page, url);
    const again = await load(page, url);
    return { first, again };
  } finally {
    await context.close();
  }
}

async function load(page: Page, url: string): Promise<Load> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let [bytes, requests] = [0, 0];
  session.on("Network.requestWillBeSent", () => void (requests += 1));
  // Streams that stay open say what they brought as it comes; all others when they end.
  const streamed = new Map<string, number>();
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => void streamed.set(requestId, (streamed.get(requestId) ?? 0) + encodedDataLength));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    streamed.delete(requestId);
    bytes += encodedDataLength;
  });
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForSelector(READY);
  const listedMs = await page.evaluate(() => performance.now());
  await page.waitForTimeout(QUIET_MS);
  const { paintMs, busyUntilMs } = await page.evaluate(() => ({
    paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    busyUntilMs: (globalThis as unknown as { busyUntilMs: number }).busyUntilMs,
  }));
  await session.detach();
  return { bytes: bytes + [...streamed.values()].reduce((sum, some) => sum + some, 0), requests, paintMs, interactiveMs: Math.max(listedMs, busyUntilMs) };
}

/** Runs in the page before its own scripts; Node's types know no tasks of a page. */
function watchLongTasks(): void {
  const watched = globalThis as unknown as { busyUntilMs: number };
  watched.busyUntilMs = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) watched.busyUntilMs = Math.max(watched.busyUntilMs, startTime + duration);
  }).observe({ type: "longtask" as EntryType, buffered: true });
}
