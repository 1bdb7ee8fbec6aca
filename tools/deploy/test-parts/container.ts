import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { EngineName } from "../../engines/engine.ts";
import { freePort } from "../../engines/free-ports.ts";
import { servers } from "../../engines/known-servers.ts";
import { NodeProcess } from "../../engines/node-process.ts";
import type { NodeSettings, Server, ServerFiles } from "../../engines/server.ts";
import { readCompose, type ComposeService } from "../compose-file.ts";

export const root = join(import.meta.dirname, "..", "..", "..");

/** What differs between a container and here, for one server. */
export interface Translation {
  readonly service: ComposeService;
  readonly node: NodeSettings;
  readonly files: ServerFiles;
}

/** A container's server outside Docker: the same configuration, with other addresses and folders. */
export interface Container {
  readonly service: ComposeService;
  readonly node: NodeSettings;
  readonly files: ServerFiles;
  /** Of the server's folder, for restarts. */
  readonly process: NodeProcess;
}

/**
 * Registers a test that runs a compose service's server here. Without the server's program: a skip that says how to have it; in CI it is fetched.
 */
export function withServer(name: EngineName, what: string, run: (context: TestContext, files: ServerFiles) => Promise<void>): void {
  const files = servers[name].find();
  if (files === undefined && process.env["CI"] !== "true") {
    test(what, { skip: `no ${name} in the cache: npm run test:engines` }, () => undefined);
    return;
  }
  test(what, async (context) => run(context, files ?? (await servers[name].fetch())));
}

/** Starts the service `name` of docker-compose.yml with what `translate` makes of it; it ends with the test. */
export async function startContainer(
  context: TestContext, name: EngineName, files: ServerFiles, translate: (translation: Translation) => Partial<Server>,
): Promise<Container> {
  const service = readCompose(root).services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  const folder = await mkdtemp(join(tmpdir(), `caudal-container-${name}-`));
  const original = servers[name];
  const morePorts: Record<string, number> = {};
  for (const each of original.morePorts) morePorts[each] = await freePort();
  const node: NodeSettings = { id: 1, host: "127.0.0.1", port: await freePort(), morePorts, folder };
  const server: Server = { ...original, ...translate({ service, node, files }) };
  const process = new NodeProcess({ server, settings: node, cluster: { nodes: [node], jit: "quick", files }, attached: true });
  context.after(async () => {
    await process.kill();
    await rm(folder, { recursive: true, force: true });
  });
  await process.start();
  return { service, node, files, process };
}

/** The health check of a service as a command, without Docker's own word in front. */
export function healthCommand({ healthcheck }: ComposeService): readonly string[] {
  const [kind, ...words] = healthcheck?.test ?? [];
  if (kind === "CMD") return words;
  if (kind === "CMD-SHELL") return ["/bin/sh", "-c", words.join(" ").replaceAll("$$", "$")];
  throw new Error("no health check");
}
