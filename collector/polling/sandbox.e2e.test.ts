import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSandbox, providersFileText, providerIds, type Sandbox } from "../../sandbox/index.ts";
import type { Account } from "../providers/account.ts";
import { parseProviders } from "../providers/file/read-providers-file.ts";
import { providers } from "../providers/providers.ts";
import { openPollingScene, pollersOf, type PollingScene } from "../test-parts/polling-scene.ts";
import type { Polling } from "./polling.ts";

const START_US = 1_772_366_400_000_000;
const MINUTE_US = 60_000_000;

async function accountsOf(sandbox: Sandbox): Promise<readonly Account[]> {
  const secrets = new Map<string, string>(sandbox.accounts().flatMap(({ id, secrets: own, devices }) => [...Object.entries(own).map(([name, secret]) => [`${id}.${name}`, secret] as const), ...devices.flatMap(({ device, secrets: each }) => Object.entries(each).map(([name, secret]) => [`${device}.${name}`, secret] as const))]));
  const text = providersFileText(sandbox.accounts(), (file) => `file:/secrets/${file}`, { client: "acme", concurrency: 8 });
  const { accounts, problems } = await parseProviders(text, "sandbox.yaml", { providers, resolveSecret: async (reference) => secrets.get(reference.slice("file:/secrets/".length)) });
  assert.deepEqual(problems, []);
  return accounts;
}

/** Lets simulated time pass until it is `untilUs` and nothing is in hand. */
async function pass(scene: PollingScene, polling: Polling, untilUs: number, breathMs = 0): Promise<void> {
  while (scene.clock.nowUs() < untilUs) {
    await scene.clock.advance(1000);
    // What was let go out has its answer before the clock moves on much: real sockets do not know the held clock.
    await new Promise((resolve) => setTimeout(resolve, breathMs));
  }
  for (const poller of pollersOf(polling)) {
    let settled = false;
    void poller.settled().then(() => (settled = true));
    while (!settled) {
      await scene.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** Rows that a perfect collector would have, and are not there, and the other way round. */
async function compared(scene: PollingScene, sandbox: Sandbox, accounts: readonly Account[], { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): Promise<{ readonly truth: number; readonly missing: string[]; readonly invented: string[] }> {
  const names = new Map(accounts.flatMap(({ devices }) => devices.map(({ device, names: own }) => [device, own] as const)));
  const found = new Map<string, string[]>();
  for (const [device, key, timeUs, value] of await scene.samples()) {
    const id = `${device} ${key} ${timeUs}`;
    found.set(id, [...(found.get(id) ?? []), String(value)]);
  }
  const missing: string[] = [];
  let truth = 0;
  const known = new Set<string>();
  for (const row of sandbox.truth({ fromMs: fromUs / 1000 - 3 * 86_400_000, toMs: toUs / 1000 + 86_400_000 })) {
    const id = `${row.device} ${names.get(row.device)?.[row.key] ?? row.key} ${row.timeUs}`;
    known.add(id);
    if (row.timeUs < fromUs || row.timeUs >= toUs) continue;
    truth += 1;
    const values = found.get(id) ?? [];
    if (!values.some((value) => value === String(row.value) || Number(value) === Number(row.value))) missing.push(`${row.provider} ${id} ${String(row.value)}`);
  }
  return { truth, missing, invented: [...found.keys()].filter((id) => !known.has(id)) };
}

describe("the provider sandbox", () => {
  test("every provider, three hours: each row that there is, none that there is not, and no limit exceeded", async () => {
    const scene = await openPollingScene(START_US);
    const sandbox = await openSandbox({ seed: "polling", devices: 14, everyMs: [300_000], days: 3, nowMs: () => scene.clock.nowUs() / 1000 });
    try {
      const accounts = await accountsOf(sandbox);
      assert.deepEqual([...new Set(sandbox.accounts().map(({ provider }) => provider))].sort(), [...providerIds].sort());
      const polling = await scene.polling(accounts);
      await pass(scene, polling, START_US + 180 * MINUTE_US);
      const { truth, missing, invented } = await compared(scene, sandbox, accounts, { fromUs: START_US - 24 * 60 * MINUTE_US, toUs: START_US + 170 * MINUTE_US });
      const withoutHistory = new Set(accounts.filter(({ provider }) => !provider.hasHistory).map(({ id }) => id));
      assert.ok(truth > 5000, `${truth} rows`);
      assert.deepEqual(missing.slice(0, 5), [], `${missing.length} of ${truth} are missing; without history: ${[...withoutHistory].join(" ")}; ${JSON.stringify(scene.lines.filter(({ level }) => level !== "info").slice(0, 5))}`);
      assert.deepEqual(invented.slice(0, 5), []);
      assert.equal(sandbox.log.entries().filter(({ limit }) => limit?.exceeded === true).length, 0);
    } finally {
      await scene.close();
      await sandbox.close();
    }
  });

  test("100 points of eight providers each minute: each within its period, and no limit is exceeded, though tight ones are nearly used up", async () => {
    const scene = await openPollingScene(START_US);
    const devices = Object.fromEntries(providerIds.map((id, at) => [id, at < 4 ? 13 : 12]));
    // Thirteen polls a minute and what is read of new devices' past: as much as is allowed is asked for.
    const limits = { "tdata": "4:1,30:60", "thingsboard": "4:1,30:60", "things-stack": "4:1,30:60", "thethings-io": "5:1,60:60" };
    const sandbox = await openSandbox({ seed: "hundred", devices, everyMs: [60_000], days: 0.02, limits, nowMs: () => scene.clock.nowUs() / 1000 });
    try {
      const polling = await scene.polling(await accountsOf(sandbox));
      await pass(scene, polling, START_US + 5 * MINUTE_US, 4);
      const entries = sandbox.log.entries();
      assert.deepEqual(entries.filter(({ limit }) => limit?.exceeded === true).map(({ provider }) => provider), []);
      const fullest = Math.max(...entries.flatMap(({ limit }) => (limit?.limit === "30:60" ? [limit.used] : [])));
      assert.ok(fullest >= 20, `a window of 30 was used up to ${fullest}`);
      for (let minute = 3; minute < 5; minute += 1) {
        const [fromMs, toMs] = [minute, minute + 1].map((at) => START_US / 1000 + at * 60_000) as [number, number];
        const asked = new Set(entries.filter(({ atMs, status }) => status === 200 && atMs >= fromMs && atMs < toMs).map(({ device }) => device));
        assert.ok(asked.size >= 97, `${asked.size} of 100 in minute ${minute}: the jitter moves a few over its end`);
      }
    } finally {
      await scene.close();
      await sandbox.close();
    }
  });

  test("1,000 points a cycle: each is asked once a period, spread over it", async () => {
    const scene = await openPollingScene(START_US);
    const sandbox = await openSandbox({ seed: "thousand", devices: { thingsboard: 1000 }, everyMs: [60_000], days: 1, nowMs: () => scene.clock.nowUs() / 1000, limits: { thingsboard: "" }, logKept: { entries: 20_000, rows: 500_000 } });
    try {
      const accounts = (await accountsOf(sandbox)).map((account): Account => ({ ...account, budget: [{ calls: 1000, perMs: 1000 }], overlapEveryMs: 0, overlapMs: 0, concurrency: 16 }));
      const polling = await scene.polling(accounts);
      await pass(scene, polling, START_US + 2.2 * MINUTE_US, 40);
      const polls = sandbox.log.entries().filter(({ device, atMs }) => device !== undefined && atMs >= START_US / 1000 + 60_000 && atMs < START_US / 1000 + 120_000);
      assert.ok(Math.abs(polls.length - 1000) <= 60, `${polls.length} calls in one period`);
      assert.ok(new Set(polls.map(({ device }) => device)).size > 940, "the jitter moves a few over the minute's end");
      const tenSeconds = new Map<number, number>();
      for (const { atMs } of polls) tenSeconds.set(Math.floor(atMs / 10_000), (tenSeconds.get(Math.floor(atMs / 10_000)) ?? 0) + 1);
      assert.ok(Math.max(...tenSeconds.values()) < 250, JSON.stringify([...tenSeconds.values()]));
      assert.equal(new Set((await scene.samples()).map(([device]) => device)).size, 1000);
    } finally {
      await scene.close();
      await sandbox.close();
    }
  });
});
