import { join } from "node:path";
import { freePort } from "../../../tools/engines/free-ports.ts";
import { auditInstallation } from "../evidence/audit-installation.ts";
import { createDeaths } from "./deaths.ts";
import { hasty, type Installation, type RunSettings } from "./installation.ts";
import { watchedProcess } from "./watched-process.ts";

const ALL = "caudal";

/** Every service in one process on the embedded engine, at ports that stay. */
export async function embeddedInstallation(folder: string): Promise<Installation> {
  const httpPort = await freePort();
  const mqttPort = await freePort(["127.0.0.1"], new Set([httpPort]));
  const data = join(folder, "data");
  const drop = join(folder, "drop");
  const deaths = createDeaths();
  const process = watchedProcess(ALL, data, deaths.tell);
  return {
    services: [ALL], folder,
    http: () => `http://127.0.0.1:${httpPort}/`,
    metrics: () => [`http://127.0.0.1:${httpPort}/`],
    mqtt: () => `mqtt://127.0.0.1:${mqttPort}`,
    drop: () => drop,
    start: ({ client, faults }: RunSettings) =>
      process.start(["up", "--data", data, "--http", `127.0.0.1:${httpPort}`, "--mqtt", `127.0.0.1:${mqttPort}`, "--no-demo", "--drop", drop], { ...hasty, CAUDAL_DROP_CLIENT: client, CAUDAL_FAULTS: faults }),
    died: deaths.next,
    isRunning: () => process.isRunning(),
    kill: () => process.kill(),
    reached: () => process.reached,
    stop: () => process.stop(),
    // Nothing is acknowledged here before it is in the log.
    settle: () => Promise.resolve(),
    audit: (truthDirectory) => auditInstallation({ truthDirectory, dataDirectory: data, env: hasty }),
    close: () => process.kill(),
  };
}
