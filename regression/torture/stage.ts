import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineName } from "../../tools/engines/engine.ts";
import { startEngine } from "../../tools/engines/start.ts";
import { openFaultProxy, type FaultProxy } from "../../tools/fault-proxy/fault-proxy.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";

/** One store behind a proxy a node, so that its network can be made to fail as well as its processes. */
export interface Stage {
  readonly engine: Engine;
  /** In the order of the nodes. */
  readonly proxies: readonly FaultProxy[];
  /** Under all files of the last node; undefined where it was not asked for, or this machine does not let us. */
  readonly disk: SmallDisk | undefined;
  stop(): Promise<void>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface StageOptions {
  readonly nodes: 1 | 3;
  /** Megabytes of a file system of its own for the last node. */
  readonly diskMb?: number;
}

/** Cassandra's nodes share a port, so a proxy in front of one needs an address of its own: 127.0.0.2 is reached by 127.0.1.2. */
function placeOf(name: EngineName, { host, port }: Address): Partial<Address> {
  return name === "cassandra" ? { host: host.replace("127.0.0.", "127.0.1."), port } : {};
}

/** Starts an engine of one or three nodes whose clients are all told the addresses of the proxies. */
export async function openStage(name: EngineName, { nodes, diskMb }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), `caudal-torture-${name}-`));
  const proxies = new Map<string, FaultProxy>();
  const disk = diskMb === undefined ? undefined : await mountSmallDisk(join(folder, `node-${nodes}`), diskMb);
  const advertise = async (target: Address): Promise<Address> => {
    const proxy = await openFaultProxy({ target, ...placeOf(name, target) });
    proxies.set(`${target.host}:${target.port}`, proxy);
    return { host: proxy.host, port: proxy.port };
  };
  let engine: Engine | undefined;
  // However this process ends: its servers end with it, and nothing else takes the disk away.
  const tidy = (): void => {
    disk?.unmountNow();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", tidy);
  const stop = async (): Promise<void> => {
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    await Promise.all((engine?.nodes ?? []).map((node) => node.kill()));
    process.off("exit", tidy);
    tidy();
  };
  try {
    engine = await startEngine(name, { nodes, folder, advertise });
    const ofNode = engine.nodes.map(({ host, port }) => proxies.get(`${host}:${port}`)).filter((proxy) => proxy !== undefined);
    return { engine, proxies: ofNode, disk, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
