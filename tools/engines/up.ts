import { chooseNodes, portsFrom } from "./choose-nodes.ts";
import type { EngineName } from "./engine.ts";
import { EngineFailure } from "./failure.ts";
import { portIsFree } from "./free-ports.ts";
import { servers } from "./known-servers.ts";
import type { EngineOptions } from "./options.ts";
import { engineFolder, isRunning, openEngine, openEngines, saveEngine } from "./run-folder.ts";
import type { RunningEngine } from "./run-folder.ts";
import type { NodeSettings, Server, ServerFiles } from "./server.ts";
import { startNodes } from "./start.ts";

/** How `up` ended for one engine. */
export interface UpResult {
  readonly name: EngineName;
  readonly url?: string;
  readonly startSeconds?: number;
  readonly fetchSeconds?: number;
  readonly failure?: string;
}

/** Starts one engine so that it goes on alone; one that runs stays as it is. */
export async function bringUp(name: EngineName, options: { root: string; print(line: string): void } & Pick<EngineOptions, "nodes" | "ports" | "jit">): Promise<UpResult> {
  const { root, print, jit } = options;
  const server = servers[name];
  const count = server.nodeCounts.includes(options.nodes) ? options.nodes : 1;
  if (count !== options.nodes) print(`${name}: one node; ${options.nodes} are for engines that copy data between them`);
  const running = openEngines(root, [name]).find(isRunning);
  if (running) return alreadyUp(server, running, count, print);
  const folder = engineFolder(root, name, count);
  const nodes = await nodesFor(server, { count, folder, first: options.ports.get(name) });
  await refuseTaken(server, nodes);
  const { files, fetchSeconds } = await provide(server, print);
  saveEngine(folder, { nodes, jit, files });
  const engine = openEngine(name, folder);
  if (!engine) throw new Error(`${folder} cannot be read back`);
  const startedMs = performance.now();
  try {
    await startNodes(server, engine.cluster, engine.nodes);
  } catch (error) {
    await Promise.all(engine.nodes.map((node) => node.stop()));
    throw error;
  }
  const startSeconds = seconds(startedMs);
  const url = server.url(nodes);
  print(`${name}: ready in ${startSeconds} s at ${url} (pid ${engine.nodes.map(({ pid }) => pid).join(", ")}; ${folder})`);
  return { name, url, startSeconds, ...(fetchSeconds === undefined ? {} : { fetchSeconds }) };
}

function alreadyUp(server: Server, { cluster, nodes }: RunningEngine, count: number, print: (line: string) => void): UpResult {
  if (nodes.length !== count) {
    throw new EngineFailure(`${server.name} runs with ${nodes.length} node(s) already.`, `Stop it first: npm run engines -- down ${server.name}`);
  }
  const url = server.url(cluster.nodes);
  print(`${server.name}: runs already at ${url}`);
  return { name: server.name, url };
}

/** The ports it had before, since its data names them, but for the clients' port where another is asked for. */
async function nodesFor(server: Server, options: { count: number; folder: string; first: number | undefined }): Promise<NodeSettings[]> {
  const { count, folder, first } = options;
  const before = openEngine(server.name, folder)?.cluster.nodes;
  const ports = portsFrom(server, count, first ?? before?.[0]?.port ?? server.defaultPort);
  return before?.map((node, index) => ({ ...node, port: ports[index] ?? node.port })) ?? chooseNodes(server, { count, folder, ports });
}

async function refuseTaken({ name }: Server, nodes: readonly NodeSettings[]): Promise<void> {
  for (const { host, port, morePorts, folder } of nodes) {
    if (!(await portIsFree(port, host))) {
      throw new EngineFailure(`Port ${port} of ${host} is taken.`, `Stop what listens there, or choose another: npm run engines -- up ${name} --port ${name}=${port + 10_000}`);
    }
    for (const [use, other] of Object.entries(morePorts)) {
      if (!(await portIsFree(other, host))) {
        throw new EngineFailure(`Port ${other} of ${host}, which ${name} uses for ${use}, is taken.`, `Stop what listens there; or, if its data may go, remove ${folder}.`);
      }
    }
  }
}

async function provide(server: Server, print: (line: string) => void): Promise<{ files: ServerFiles; fetchSeconds?: number }> {
  const found = server.find();
  if (found) return { files: found };
  const { downloadMb, seconds: expected } = server.estimate;
  print(`${server.name}: fetching about ${downloadMb} MB, about ${expected} s …`);
  const startedMs = performance.now();
  const files = await server.fetch();
  const fetchSeconds = seconds(startedMs);
  print(`${server.name}: fetched ${files.what} in ${fetchSeconds} s, ${files.fetched?.megabytes ?? 0} MB on disk`);
  return { files, fetchSeconds };
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 100) / 10;
}
