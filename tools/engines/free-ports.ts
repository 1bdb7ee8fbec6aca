import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the range from which systems give ports to outgoing connections and to `listen(0)`: nobody takes a port from us
 * while its server is killed and started again.
 */
const lowest = 15_000;
const highest = 32_000;
const tries = 500;

/** Whether a server could listen there now. */
export async function portIsFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A port that is free on each of these addresses, and none of `taken`. */
export async function freePort(hosts: readonly string[] = ["127.0.0.1"], taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tried = 0; tried < tries; tried += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (taken.has(port)) continue;
    const free = await Promise.all(hosts.map((host) => portIsFree(port, host)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest} on ${hosts.join(", ")}`);
}
