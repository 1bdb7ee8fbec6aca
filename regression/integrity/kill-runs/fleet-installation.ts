import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import mqtt from "mqtt";
import { engineEnvironment, installationEngines, type InstallationUrls } from "../../../bench/promise/engine-environment.ts";
import { until } from "../../../caudal/test-parts/until.ts";
import type { Engine } from "../../../tools/engines/engine.ts";
import { freePort } from "../../../tools/engines/free-ports.ts";
import { startEngine } from "../../../tools/engines/start.ts";
import { auditInstallation } from "../evidence/audit-installation.ts";
import { removeInstallation } from "../installation-removal.ts";
import { createDeaths } from "./deaths.ts";
import { hasty, type Installation, type RunSettings } from "./installation.ts";
import { watchedProcess, type WatchedProcess } from "./watched-process.ts";

/** In the order of starting: the first makes the topics, tables and indexes that the others find. */
const services = ["processor", "archiver", "analytics", "business", "collector", "web"] as const;
type Service = (typeof services)[number];

const SENTINEL_MS = 60_000;
/** So that no bucket of it stays open. */
const SENTINEL_AGO_MS = 2 * 3600 * 1000;
const ROLLED_UP_MS = 60_000;

interface Member {
  readonly process: WatchedProcess;
  readonly folder: string;
  readonly httpPort: number;
  /** What it was started with. */
  faults: string;
  client: string;
}

/** Starts the servers once; every installation opened on them has names of its own. */
export async function startServers(): Promise<{ readonly urls: InstallationUrls; stop(): Promise<void> }> {
  const engines: Engine[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(engines.map((engine) => engine.stop())));
  try {
    await Promise.all(installationEngines.map(async (name) => void engines.push(await startEngine(name))));
    const urls = Object.fromEntries(engines.map(({ name, url }) => [name, url])) as unknown as InstallationUrls;
    return { urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A process a service on servers; web only looks. The victim of a run is started anew with its faults. */
export async function fleetInstallation(urls: InstallationUrls, folder: string): Promise<Installation> {
  const name = `kill_${randomBytes(4).toString("hex")}`;
  const env = { ...engineEnvironment(urls, name), ...hasty };
  const drop = join(folder, "drop");
  const deaths = createDeaths();
  const members = new Map<Service, Member>();
  const ports = new Set<number>();
  for (const service of services) {
    const at = join(folder, service);
    mkdirSync(at, { recursive: true });
    const httpPort = await freePort(["127.0.0.1"], ports);
    ports.add(httpPort);
    members.set(service, { process: watchedProcess(service, at, deaths.tell), folder: at, httpPort, faults: "", client: "" });
  }
  const memberOf = (service: string): Member => members.get(service as Service)!;

  async function launch(service: Service, { client, faults }: RunSettings): Promise<boolean> {
    const member = memberOf(service);
    member.faults = faults;
    member.client = client;
    const own = service === "collector" ? { CAUDAL_DROP_FOLDER: drop, CAUDAL_DROP_CLIENT: client } : {};
    return member.process.start([service, "--data", member.folder, "--http", `127.0.0.1:${member.httpPort}`], { ...env, ...own, CAUDAL_FAULTS: faults });
  }

  async function start(settings: RunSettings): Promise<boolean> {
    const spared: RunSettings = { ...settings, faults: "spared:none" };
    const isFaulty = !settings.faults.endsWith(":none");
    const victim = memberOf(settings.victim);
    // The collector of a run that is to die takes the files of that run's client.
    const anew = victim.process.isRunning() && (isFaulty || (settings.victim === "collector" && victim.client !== settings.client));
    if (anew) await victim.process.stop();
    for (const service of services) if (service !== settings.victim && !memberOf(service).process.isRunning()) await launch(service, spared);
    return victim.process.isRunning() ? true : launch(settings.victim as Service, isFaulty ? settings : spared);
  }

  /** What the broker keeps for the collector comes in order: when a last message is through, all before it are. */
  async function settle(client: string): Promise<void> {
    const device = `sentinel-${randomBytes(4).toString("hex")}`;
    const connection = await mqtt.connectAsync(urls.mosquitto, { protocolVersion: 4 });
    await connection.publishAsync(`caudal/${client}/${device}/readings`, JSON.stringify({ ts: Date.now() - SENTINEL_AGO_MS, level_m: 1 }), { qos: 1 });
    await connection.endAsync();
    await until("the last message is through", async () => {
      const answer = await fetch(`http://127.0.0.1:${memberOf("business").httpPort}/api/v1/points?client=${client}&q=${device}`).then((response) => response.json(), () => ({ items: [] })) as { items?: unknown[] };
      return (answer.items?.length ?? 0) > 0 ? true : undefined;
    }, SENTINEL_MS);
  }

  /** The auditor reads buckets and their marks one after the other: nobody may compute meanwhile. */
  async function rolledUp(): Promise<void> {
    const { process, httpPort } = memberOf("analytics");
    if (!process.isRunning()) return;
    await until("no bucket waits to be computed", async () => {
      const metrics = await fetch(`http://127.0.0.1:${httpPort}/metrics`).then((response) => response.text(), () => "");
      return /^caudal_rollup_marks 0$/m.test(metrics) ? true : undefined;
    }, ROLLED_UP_MS);
  }

  return {
    services: services.filter((service) => service !== "web"), folder, start, settle,
    http: (service) => `http://127.0.0.1:${memberOf(service).httpPort}/`,
    metrics: () => [...members.values()].map(({ httpPort }) => `http://127.0.0.1:${httpPort}/`),
    mqtt: () => urls.mosquitto,
    drop: (client) => (memberOf("collector").client === client ? drop : undefined),
    died: deaths.next,
    isRunning: (service) => memberOf(service).process.isRunning(),
    kill: (service) => memberOf(service).process.kill(),
    // A process that is to end at a step of its stop has to be asked to; the others go on.
    stop: async ({ victim }) => (memberOf(victim).faults.endsWith(":none") ? true : memberOf(victim).process.stop()),
    reached: () => {
      const reached = new Map<string, number>();
      for (const { process } of members.values()) for (const [point, count] of process.reached) reached.set(point, (reached.get(point) ?? 0) + count);
      return reached;
    },
    audit: async (truthDirectory) => {
      await rolledUp();
      return auditInstallation({ truthDirectory, dataDirectory: join(folder, "auditor"), env });
    },
    close: async () => {
      await Promise.all([...members.values()].map(({ process }) => process.stop()));
      await removeInstallation(urls, name);
    },
  };
}
