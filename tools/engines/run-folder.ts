import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { engineNames } from "./engine.ts";
import type { EngineName } from "./engine.ts";
import { servers } from "./known-servers.ts";
import { NodeProcess } from "./node-process.ts";
import { cacheFolder } from "./provision/cache.ts";
import type { ClusterSettings } from "./server.ts";

/** One engine that `up` started, as its folder tells it. */
export interface RunningEngine {
  readonly name: EngineName;
  readonly folder: string;
  readonly cluster: ClusterSettings;
  readonly nodes: readonly NodeProcess[];
}

/** Where `up` puts its servers unless told otherwise. */
export function runRoot(folder: string | undefined): string {
  return folder === undefined ? join(cacheFolder(), "run") : resolve(folder);
}

/** One node and three do not share a folder: neither could read the other's data. */
export function engineFolder(root: string, name: EngineName, count: number): string {
  return join(root, count === 1 ? name : `${name}-${count}`);
}

/** Writes down how an engine was started, for the commands that come later. */
export function saveEngine(folder: string, cluster: ClusterSettings): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(settingsPath(folder), `${JSON.stringify(cluster, null, 2)}\n`);
}

/** The engine of a folder with the processes that its pid files name; undefined where none was started yet. */
export function openEngine(name: EngineName, folder: string): RunningEngine | undefined {
  if (!existsSync(settingsPath(folder))) return undefined;
  const cluster = JSON.parse(readFileSync(settingsPath(folder), "utf8")) as ClusterSettings;
  const server = servers[name];
  const nodes = cluster.nodes.map((settings) => new NodeProcess({ server, settings, cluster, attached: false }));
  return { name, folder, cluster, nodes };
}

/** All that were started below a root, running or not. */
export function openEngines(root: string, names: readonly EngineName[] = engineNames): RunningEngine[] {
  return names.flatMap((name) => servers[name].nodeCounts.flatMap((count) => openEngine(name, engineFolder(root, name, count)) ?? []));
}

/** Whether a process of it runs. */
export function isRunning({ nodes }: RunningEngine): boolean {
  return nodes.some(({ pid }) => pid !== undefined);
}

function settingsPath(folder: string): string {
  return join(folder, "engine.json");
}
