import { statSync } from "node:fs";
import { join } from "node:path";
import type { EngineName } from "./engine.ts";
import { servers } from "./known-servers.ts";
import { residentMb } from "./process-identity.ts";
import { isRunning } from "./run-folder.ts";
import type { RunningEngine } from "./run-folder.ts";

/** What `status` tells of one server process. */
export interface NodeStatus {
  readonly engine: EngineName;
  readonly node: number;
  readonly running: boolean;
  readonly pid?: number;
  readonly host: string;
  readonly port: number;
  readonly residentMb?: number;
  readonly upSeconds?: number;
  readonly server: string;
  readonly url: string;
  readonly folder: string;
}

/** One row for each server process, running or not. */
export function nodeStatuses(engines: readonly RunningEngine[], nowMs = Date.now()): NodeStatus[] {
  return engines.flatMap(({ name, cluster, nodes }) => nodes.map(({ pid, host, port, folder, settings }) => {
    const memory = pid === undefined ? undefined : residentMb(pid);
    return {
      engine: name, node: settings.id, running: pid !== undefined, host, port, server: cluster.files.what, url: servers[name].url(cluster.nodes), folder,
      ...(pid === undefined ? {} : { pid, upSeconds: Math.round((nowMs - statSync(join(folder, "pid.json")).mtimeMs) / 1000) }),
      ...(memory === undefined ? {} : { residentMb: memory }),
    };
  }));
}

/** The lines of a table of server processes. */
export function statusLines(rows: readonly NodeStatus[]): string[] {
  const cells = rows.map(({ engine, node, pid, port, residentMb: memory, upSeconds, server, url, running }) => [
    `${engine}${node > 1 ? ` ${node}` : ""}`, running ? String(pid) : "down", String(port),
    memory === undefined ? "" : `${memory} MB`, upSeconds === undefined ? "" : duration(upSeconds), server, url,
  ]);
  const table = [["engine", "pid", "port", "memory", "up", "server", "URL"], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
}

/** Which setting of Caudal takes which engine's URL, and the database or keyspace it names. */
const settings: readonly (readonly [string, EngineName, string?])[] = [
  ["CAUDAL_LOG", "kafka"], ["CAUDAL_REGISTRY", "registry"], ["CAUDAL_HOT", "redis"], ["CAUDAL_LIVE", "redis"],
  ["CAUDAL_WARM", "mongo", "caudal"], ["CAUDAL_DOCUMENTS", "mongo", "caudal"], ["CAUDAL_ARCHIVE", "mongo", "caudal"],
  ["CAUDAL_COLD", "cassandra", "caudal"], ["CAUDAL_MQTT", "mosquitto"],
];

/** The settings that point Caudal at what runs, as `CAUDAL_LOG` and its URL. */
export function settingsOf(engines: readonly RunningEngine[]): [string, string][] {
  return settings.flatMap(([variable, name, within]): [string, string][] => {
    const engine = engines.find((each) => each.name === name && isRunning(each));
    return engine ? [[variable, servers[name].url(engine.cluster.nodes, within)]] : [];
  });
}

/** The settings as a shell takes them, before `npm start -- --engines`. */
export function settingLines(values: readonly (readonly [string, string])[]): string[] {
  if (values.length === 0) return [];
  return [...values.map(([variable, url]) => `${variable}='${url}' \\`), "npm start -- --engines"];
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}
