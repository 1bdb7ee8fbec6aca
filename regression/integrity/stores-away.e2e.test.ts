import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { groups } from "@caudal/core";
import { engineEnvironment, installationEngines } from "../../bench/promise/engine-environment.ts";
import { portsOf } from "../../caudal/test-parts/ports-of.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { withEngines } from "../../tools/engines/for-tests.ts";
import { openFaultProxy, type FaultProxy } from "../../tools/fault-proxy/fault-proxy.ts";
import { targetOf, through } from "../../tools/fault-proxy/urls.ts";
import { removeInstallation } from "./installation-removal.ts";
import { startCaudal, type RunningCaudal } from "./running-caudal.ts";
import { startSteadyLoad, type SteadyLoad } from "./steady-load.ts";
import { checkRows, rowsIn } from "./steady-rows.ts";

/*
 * The whole installation on the real servers, in one process, while readings come by MQTT and HTTP. Each store in turn goes away: first its machine is
 * gone without a word (connections hang), then its process is down (connections are refused). The other groups go on as if nothing were, what
 * is behind drains by itself once the store is back, and in the end each acknowledged reading stands once in every tier.
 *
 * A store is away for 60 seconds in CI, and for 20 elsewhere.
 * It mostly waits, and runs beside others.
 */

const AWAY_MS = process.env["CI"] === "true" ? 60_000 : 20_000;
const DEVICES = 10;
const PER_S = 5;
/** What a group that has its store may be behind: five seconds' worth. */
const MOST_BEHIND = 5 * DEVICES * PER_S;
const DRAINED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;

const stores = [
  { tier: "hot", setting: "CAUDAL_HOT", group: groups.hot },
  { tier: "warm", setting: "CAUDAL_WARM", group: groups.warm },
  { tier: "cold", setting: "CAUDAL_COLD", group: groups.cold },
] as const;
type Lags = Readonly<Record<string, number>>;

/** Records behind by group, but those of archiving, which commits behind whole segments. */
async function lagsOf(http: string): Promise<Lags> {
  const answer = await fetch(new URL("/api/v1/status", http));
  assert.equal(answer.status, 200);
  const { lag } = (await answer.json()) as { lag: Lags };
  return Object.fromEntries(Object.entries(lag).filter(([group]) => group !== groups.archiveReadings && group !== groups.archivePoints));
}

function highestOf(lags: Lags, besides?: string): number {
  return Math.max(...Object.entries(lags).filter(([group]) => group !== besides).map(([, lag]) => lag));
}

withEngines(installationEngines, (urls) => {
  suite("each store away in turn", () => {
    const name = `away_${randomBytes(4).toString("hex")}`;
    const direct = engineEnvironment(urls, name);
    const fromMs = Date.now();
    const proxies = new Map<string, FaultProxy>();
    let directory: string;
    let caudal: RunningCaudal;
    let load: SteadyLoad;

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "caudal-away-"));
      const env: NodeJS.ProcessEnv = { ...direct };
      for (const { setting } of stores) {
        const proxy = await openFaultProxy({ target: targetOf(direct[setting]) });
        proxies.set(setting, proxy);
        env[setting] = through(proxy, direct[setting]);
      }
      caudal = await startCaudal(directory, ["--no-demo", "--http", "127.0.0.1:0"], env);
      load = await startSteadyLoad({ http: caudal.http, mqtt: urls.mosquitto, name: name.replaceAll("_", "-"), devices: DEVICES, perS: PER_S });
      await until("readings flow through", async () => (load.devices.every(({ acknowledged }) => acknowledged.size > 5) && highestOf(await lagsOf(caudal.http)) < MOST_BEHIND ? true : undefined));
    });

    after(async () => {
      await load?.end().catch(() => undefined);
      await caudal?.stop().catch(() => undefined);
      for (const proxy of proxies.values()) await proxy.close();
      await rm(directory, { recursive: true, force: true });
      await removeInstallation(urls, name);
    });

    for (const { tier, setting, group } of stores) {
      test(`${tier} is away for ${AWAY_MS / 1000} s: the others go on, and it drains by itself`, { timeout: AWAY_MS + DRAINED_WITHIN_MS + 30_000 }, async (context) => {
        const proxy = proxies.get(setting)!;
        const before = load.devices.map(({ acknowledged }) => acknowledged.size);
        const sinceMs = performance.now();
        let others = 0;
        let lags: Lags = {};
        proxy.halfOpen();
        for (let awayMs = 0; awayMs < AWAY_MS; awayMs = performance.now() - sinceMs) {
          if (awayMs > AWAY_MS / 2) await proxy.refuse();
          lags = await lagsOf(caudal.http);
          others = Math.max(others, highestOf(lags, group));
          assert.ok(others <= MOST_BEHIND, `while ${tier} was away for ${Math.round(awayMs)} ms: ${JSON.stringify(lags)}`);
          await wait(LOOK_EVERY_MS);
        }
        const behind = lags[group] ?? 0;
        assert.ok(behind > (AWAY_MS / 1000) * DEVICES * PER_S * 0.5, `${group} is only ${behind} behind: its store was not away`);
        await proxy.heal();
        const healedMs = performance.now();
        await until(`${group} has drained`, async () => ((await lagsOf(caudal.http))[group]! < MOST_BEHIND / 5 ? true : undefined), DRAINED_WITHIN_MS);
        context.diagnostic(`${behind} behind when it came back, drained ${Math.round(performance.now() - healedMs)} ms later; the others at most ${others}`);
        load.devices.forEach(({ id, acknowledged }, index) => assert.ok(acknowledged.size > before[index]! + (AWAY_MS / 1000) * PER_S * 0.5, `${id} was hardly acknowledged anything`));
        assert.deepEqual(load.refused, []);
      });
    }

    test("each acknowledged reading stands once in every tier, and nothing that was not sent", { timeout: 110_000 }, async () => {
      await load.end();
      await until("every group has caught up", async () => (highestOf(await lagsOf(caudal.http)) === 0 ? true : undefined));
      const { parked } = (await (await fetch(new URL("/api/v1/status", caudal.http))).json()) as { parked: number };
      assert.equal(parked, 0);
      const ports = await portsOf(join(directory, "look"), direct as unknown as Record<string, string>);
      try {
        for (const tier of [ports.hot, ports.warm, ports.cold]) {
          for (const device of load.devices) checkRows(`${tier.name} ${device.id}`, await rowsIn(tier, device.id, { fromMs, toMs: Date.now() + 1000 }), device);
        }
      } finally {
        await ports.close();
      }
    });
  });
});
