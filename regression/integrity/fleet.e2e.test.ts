import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { groups, pointIdOf } from "@caudal/core";
import { engineEnvironment } from "../../bench/promise/engine-environment.ts";
import { portsOf } from "../../caudal/test-parts/ports-of.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { withEngines } from "../../tools/engines/for-tests.ts";
import { startProcess, type FleetProcess } from "./fleet-process.ts";
import { checkRows, rowsIn } from "./steady-rows.ts";
import { startSteadyLoad, type SteadyLoad } from "./steady-load.ts";
import { removeInstallation } from "./installation-removal.ts";

/*
 * Two processes of every service on the real servers, while readings come by MQTT and HTTP. One of each pair is killed with -9 and started again,
 * a service after the other. The pairs share the work before and after; each acknowledged reading stands once in every tier in the end.
 */

const DEVICES = 10;
const PER_S = 10;
const pairs = ["processor", "archiver", "analytics", "business", "collector"] as const;
const ENGINES = ["kafka", "registry", "redis", "mongo", "cassandra", "mosquitto"] as const;

withEngines(ENGINES, (urls) => {
  suite("two of every service", () => {
    const name = `fleet_${randomBytes(4).toString("hex")}`;
    const env = engineEnvironment(urls, name);
    const fromMs = Date.now();
    const fleet = new Map<string, FleetProcess>();
    let directory: string;
    let load: SteadyLoad;

    const start = async (service: string, member: string): Promise<void> => {
      fleet.set(`${service} ${member}`, await startProcess(service, join(directory, `${service}-${member}`), { ...env, CAUDAL_MQTT_SHARE: name, CAUDAL_MQTT_CLIENT_ID: `${name}-${member}` }));
    };
    const urlOf = (who: string): string => fleet.get(who)!.url;
    const status = async (): Promise<{ lag: Record<string, number>; parked: number; readingsPerS: number; lastWrite: Record<string, string | null>; engines: Record<string, string> }> =>
      (await (await fetch(new URL("/api/v1/status", urlOf("web a")))).json()) as Awaited<ReturnType<typeof status>>;
    const consumed = async (who: string, group: string): Promise<number> => {
      const text = await (await fetch(new URL("/metrics", urlOf(who)))).text();
      return Number(new RegExp(`^caudal_consumed_records_total\\{group="${group}"\\} (\\d+)`, "m").exec(text)?.[1] ?? 0);
    };

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "caudal-fleet-"));
      // The first makes the topics, tables and indexes; all others find them, or make them at the same moment.
      await start("processor", "a");
      await Promise.all(["archiver", "analytics", "business"].map((service) => start(service, "a")));
      await Promise.all([start("collector", "a"), start("web", "a"), ...pairs.slice(0, 2).map((service) => start(service, "b"))]);
      await Promise.all(pairs.slice(2).map((service) => start(service, "b")));
      load = await startSteadyLoad({ http: urlOf("collector a"), mqtt: urls.mosquitto, name: name.replaceAll("_", "-"), devices: DEVICES, perS: PER_S });
    }, { timeout: 120_000 });

    after(async () => {
      await load?.end().catch(() => undefined);
      await Promise.all([...fleet.values()].map((process) => process.stop()));
      await rm(directory, { recursive: true, force: true });
      await removeInstallation(urls, name);
    }, { timeout: 60_000 });

    test("each says which engine fills its ports, and the pairs share the work", async () => {
      assert.match(fleet.get("processor a")!.output(), /Kafka 127\.0\.0\.1:\d+.*Redis 127\.0\.0\.1:\d+.*MongoDB 127\.0\.0\.1:\d+/s);
      for (const [service, group] of [["processor", groups.mapping], ["processor", groups.hot], ["archiver", groups.cold], ["analytics", groups.rollups], ["business", groups.devices]] as const) {
        await until(`both have a part of ${group}`, async () => ((await consumed(`${service} a`, group)) > 0 && (await consumed(`${service} b`, group)) > 0 ? true : undefined));
      }
      await until("the whole is seen from anywhere", async () => {
        const { readingsPerS, lastWrite } = await status();
        return readingsPerS > DEVICES && Object.values(lastWrite).every((at) => at !== null) ? true : undefined;
      });
    });

    for (const service of pairs) {
      test(`kill -9 of a ${service}: the other goes on, and it comes back`, { timeout: 90_000 }, async (context) => {
        const acknowledged = (): number => load.devices.reduce((sum, device) => sum + device.acknowledged.size, 0);
        await fleet.get(`${service} b`)!.kill();
        const killedMs = performance.now();
        const before = acknowledged();
        await until("the other takes over", async () => {
          const { lag } = await status();
          const behind = Object.entries(lag).filter(([group]) => !group.startsWith("archiver-") || group === groups.cold).reduce((sum, [, records]) => sum + records, 0);
          return acknowledged() > before + DEVICES * PER_S * 2 && behind < DEVICES * PER_S * 5 ? true : undefined;
        });
        context.diagnostic(`the other had taken over ${Math.round(performance.now() - killedMs)} ms after the kill`);
        await start(service, "b");
      });
    }

    test("both analytics answer the same history, and each acknowledged reading stands once in every tier", { timeout: 110_000 }, async () => {
      await load.end();
      await until("every group has caught up", async () => {
        const { lag } = await status();
        return Object.entries(lag).every(([group, records]) => records === 0 || group === groups.archiveReadings || group === groups.archivePoints) ? true : undefined;
      });
      assert.equal((await status()).parked, 0);
      const device = load.devices[0]!;
      const query = `resolution=raw&limit=1000&from=${new Date(fromMs).toISOString()}&to=${new Date().toISOString()}`;
      const [first, second] = await Promise.all(["a", "b"].map(async (member) => {
        const answer = await fetch(new URL(`/api/v1/analytics/points/${pointIdOf("default", device.id)}/history?${query}`, urlOf(`analytics ${member}`)));
        return ((await answer.json()) as { items: unknown[] }).items;
      }));
      assert.deepEqual(first, second);
      assert.equal(first?.length, Math.min(1000, device.acknowledged.size));
      const ports = await portsOf(join(directory, "look"), env as unknown as Record<string, string>);
      try {
        for (const tier of [ports.hot, ports.warm, ports.cold]) {
          for (const one of load.devices) checkRows(`${tier.name} ${one.id}`, await rowsIn(tier, one.id, { fromMs, toMs: Date.now() + 1000 }), one);
        }
      } finally {
        await ports.close();
      }
    });
  });
});
