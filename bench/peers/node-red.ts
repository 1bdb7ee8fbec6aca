import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../tools/engines/free-ports.ts";
import type { FlowNode } from "./node-red-flow.ts";
import { nodeRed } from "./node-red-install.ts";
import { startProgram, type RunningPeer } from "./program.ts";

/** The path of Node-RED's script, undefined where it was not fetched: `node bench/peers/main.ts fetch node-red`. */
export function nodeRedHere(): Promise<string | undefined> {
  const path = nodeRed.here()?.path;
  return Promise.resolve(path !== undefined && existsSync(path) ? path : undefined);
}

/**
 * Runs a flow with the Node that runs us, without editor and palette, on loopback. Resolves when its runtime is up; whether a flow's connections stand,
 * only a message through it tells. `stop` rejects with the last of its output when it had ended by itself.
 */
export async function startNodeRed(flow: readonly FlowNode[]): Promise<RunningPeer> {
  const script = await nodeRedHere();
  if (script === undefined) throw new Error("Node-RED is not here: node bench/peers/main.ts fetch node-red");
  const folder = await mkdtemp(join(tmpdir(), "caudal-node-red-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const port = await freePort();
    const settings = {
      uiHost: "127.0.0.1", uiPort: port, userDir: folder, flowFile: "flows.json", credentialSecret: false, disableEditor: true, httpNodeRoot: false,
      telemetry: { enabled: false, updateNotification: false }, functionExternalModules: false, diagnostics: { enabled: false, ui: false },
      externalModules: { autoInstall: false, palette: { allowInstall: false, allowUpdate: false, allowUpload: false }, modules: { allowInstall: false } },
      logging: { console: { level: "warn", metrics: false, audit: false } }, mqttReconnectTime: 1000,
    };
    await writeFile(join(folder, "settings.js"), `module.exports = ${JSON.stringify(settings, null, 2)};\n`);
    await writeFile(join(folder, "flows.json"), JSON.stringify(flow));
    const running = await startProgram({
      name: "Node-RED", program: process.execPath, args: [script, "--userDir", folder, "--settings", join(folder, "settings.js")], folder,
      answers: async () => (await fetch(`http://127.0.0.1:${port}/settings`)).ok,
    });
    return { ...running, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
