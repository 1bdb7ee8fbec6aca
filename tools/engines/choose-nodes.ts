import { join } from "node:path";
import { freePort } from "./free-ports.ts";
import type { NodeSettings, Server } from "./server.ts";

/** The address of each node; where all have the same port, each has an address of its own. */
function hostsOf(server: Server, count: number): string[] {
  return Array.from({ length: count }, (_, index) => (server.portStep === 0 ? `127.0.0.${index + 1}` : "127.0.0.1"));
}

/** Ports of the nodes in order when the first has `first`. */
export function portsFrom(server: Server, count: number, first: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index * server.portStep);
}

/** Addresses, ports and folders for the nodes of an engine: the given ports, and free ones for all others. */
export async function chooseNodes(server: Server, options: { count: number; folder: string; ports: readonly number[] }): Promise<NodeSettings[]> {
  const { count, folder, ports } = options;
  const hosts = hostsOf(server, count);
  const taken = new Set<number>(ports);
  const choose = async (on: readonly string[]) => {
    const port = await freePort(on, taken);
    taken.add(port);
    return port;
  };
  const shared = server.portStep === 0 ? (ports[0] ?? (await choose(hosts))) : undefined;
  const nodes: NodeSettings[] = [];
  for (const [index, host] of hosts.entries()) {
    const morePorts: Record<string, number> = {};
    for (const name of server.morePorts) morePorts[name] = await choose([host]);
    const port = shared ?? ports[index] ?? (await choose([host]));
    nodes.push({ id: index + 1, host, port, morePorts, folder: join(folder, `node-${index + 1}`) });
  }
  return nodes;
}
