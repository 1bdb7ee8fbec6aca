import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { connectAsync } from "mqtt";
import type { ServerFiles } from "../../engines/server.ts";
import { root, startContainer, type Container } from "./container.ts";

const settings = join(root, "deploy", "mosquitto");
export const secrets = join(root, "deploy", "development-secrets");
const NOT_AUTHORISED = 5;

/** The container's broker on its committed files and the passwords for development. */
export function startMosquitto(context: TestContext, files: ServerFiles): Promise<Container> {
  return startContainer(context, "mosquitto", files, ({ node: { folder, host, port } }) => ({
    prepare: async () => {
      // Copies: Mosquitto wants files of its own user.
      await cp(secrets, join(folder, "secrets"), { recursive: true });
      await cp(settings, join(folder, "etc"), { recursive: true });
      const text = (await readFile(join(settings, "mosquitto.conf"), "utf8")).replace("listener 1883", `listener ${port} ${host}`)
        .replace("/run/secrets", join(folder, "secrets")).replace("/etc/caudal", join(folder, "etc")).replace("/mosquitto/data", folder);
      await writeFile(join(folder, "mosquitto.conf"), process.getuid?.() === 0 ? `${text}\nuser root\n` : text);
    },
    // It lets nobody in without a password: that it says so is its answer.
    answers: async () => connectAsync(`mqtt://${host}:${port}`, { reconnectPeriod: 0 }).then((client) => client.endAsync().then(() => false), (error: { code?: number }) => error.code === NOT_AUTHORISED),
  }));
}
