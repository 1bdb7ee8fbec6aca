import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCaudalChild, type CaudalChild } from "./child.ts";
import { answers, ready, type Installation } from "./installation.ts";

const services = ["processor", "archiver", "analytics", "business", "collector", "web"] as const;

/** Each service as a process of its own, on the servers that `env` names. */
export async function startFleet(env: NodeJS.ProcessEnv): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-promise-"));
  const children = new Map<string, CaudalChild>();
  const stop = async (): Promise<void> => {
    await Promise.all([...children.values()].map((child) => child.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const urls = new Map<string, string>();
    // One after the other: the first makes the topics, tables and indexes that the others find.
    for (const service of services) {
      const child = startCaudalChild([service, "--data", join(folder, service), "--http", "127.0.0.1:0", "--json"], env);
      children.set(service, child);
      urls.set(service, await ready(child, `caudal ${service}`, async () => {
        const url = /"url": ?"([^"]+)"/.exec(child.output())?.[1];
        return url !== undefined && (await answers(new URL("/readyz", url))) ? url : undefined;
      }));
    }
    const of = (service: (typeof services)[number]): string => urls.get(service)!;
    const addresses = {
      collector: of("collector"), business: of("business"), analytics: of("analytics"), status: of("web"), processor: of("processor"), archiver: of("archiver"), mqtt: env["CAUDAL_MQTT"] ?? "",
    };
    return { addresses, pids: new Map([...children].map(([name, child]) => [`caudal ${name}`, child.pid])), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
