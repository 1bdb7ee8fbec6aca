import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chooseNodes } from "./choose-nodes.ts";
import type { Engine, EngineName } from "./engine.ts";
import { EngineFailure } from "./failure.ts";
import { servers } from "./known-servers.ts";
import { NodeProcess } from "./node-process.ts";
import type { Address, ClusterSettings, Jit, NodeSettings, Server, ServerFiles } from "./server.ts";

/** Removed with their engines, at the latest when this process ends. */
const temporary = new Set<string>();
let removesAtExit = false;

/** How a private engine is to be started. */
export interface StartOptions {
  /** 1, or 3 for kafka, mongo and cassandra; the others have one. */
  readonly nodes?: 1 | 3;
  /** Keeps the data; without one it lies in a temporary folder that goes with the engine. */
  readonly folder?: string;
  /** The port that clients use, a node each; otherwise free ones. Cassandra's nodes all have the first. */
  readonly ports?: readonly number[];
  /** Where clients are to find a node that listens there; called once a node, before any starts. Its own address when absent. */
  readonly advertise?: (node: Address) => Promise<Address>;
  /** `full` for benchmarks; tests start sooner with `quick`. */
  readonly jit?: Jit;
}

/**
 * Starts an engine of one's own on loopback and resolves when all its nodes serve. Fetches the server where it is
 * neither on this machine nor in the cache. The servers end with this process.
 */
export async function startEngine(name: EngineName, options: StartOptions = {}): Promise<Engine> {
  const server = servers[name];
  const count = options.nodes ?? 1;
  if (!server.nodeCounts.includes(count)) throw new EngineFailure(`${name} runs with ${server.nodeCounts.join(" or ")} nodes here, not ${count}.`, "Leave nodes out.");
  const files = await serverFiles(server);
  const folder = options.folder === undefined ? temporaryFolder(name) : resolve(options.folder);
  const own = await chooseNodes(server, { count, folder, ports: options.ports ?? [] });
  const cluster = { nodes: await advertised(own, options.advertise), jit: options.jit ?? "quick", files };
  const nodes = cluster.nodes.map((settings) => new NodeProcess({ server, settings, cluster, attached: true }));
  const stop = async () => {
    await Promise.all(nodes.map((node) => (options.folder === undefined ? node.kill() : node.stop())));
    if (temporary.delete(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await startNodes(server, cluster, nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, url: server.url(cluster.nodes), nodes, stop };
}

async function advertised(nodes: readonly NodeSettings[], advertise: StartOptions["advertise"]): Promise<readonly NodeSettings[]> {
  if (advertise === undefined) return nodes;
  return Promise.all(nodes.map(async (node) => ({ ...node, advertised: await advertise({ host: node.host, port: node.port }) })));
}

function temporaryFolder(name: EngineName): string {
  const folder = mkdtempSync(join(tmpdir(), `caudal-${name}-`));
  temporary.add(folder);
  if (!removesAtExit) process.once("exit", () => temporary.forEach((each) => rmSync(each, { recursive: true, force: true, maxRetries: 5 })));
  removesAtExit = true;
  return folder;
}

/** The server's program, fetched where it has to be and `CAUDAL_ENGINES_FETCH` is not `no`: plain `npm test` downloads nothing. */
async function serverFiles(server: Server): Promise<ServerFiles> {
  const found = server.find();
  if (found) return found;
  if (process.env["CAUDAL_ENGINES_FETCH"] === "no") throw new EngineFailure(`${server.name} is neither on this machine nor in the cache.`, "npm run test:engines fetches it.");
  return server.fetch();
}

/** Starts all nodes at once, since three need each other to become ready, and joins them. */
export async function startNodes(server: Server, cluster: ClusterSettings, nodes: readonly NodeProcess[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.launch()));
  await Promise.all(nodes.map((node) => node.ready()));
  await server.join?.(cluster);
}
