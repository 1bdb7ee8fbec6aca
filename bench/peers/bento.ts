import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../tools/engines/free-ports.ts";
import { bento } from "./bento-build.ts";
import { startProgram, type RunningPeer } from "./program.ts";

/** The path of Bento's program, undefined where it was not built: `node bench/peers/main.ts fetch bento`. */
export function bentoHere(): Promise<string | undefined> {
  const path = bento.here()?.path;
  return Promise.resolve(path !== undefined && existsSync(path) ? path : undefined);
}

export interface RunningBento extends RunningPeer {
  /** Where it answers over HTTP, its metrics too. */
  readonly url: string;
}

/**
 * Runs one stream: `config` is the text of Bento's YAML without `http` and `logger`, which are added. Resolves when all its inputs and outputs are
 * connected. `stop` rejects with the last of its output when it had ended by itself.
 */
export async function startBento(config: string): Promise<RunningBento> {
  const program = await bentoHere();
  if (program === undefined) throw new Error("Bento is not here: node bench/peers/main.ts fetch bento");
  const folder = await mkdtemp(join(tmpdir(), "caudal-bento-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    await writeFile(join(folder, "stream.yaml"), `${config.trimEnd()}\nhttp:\n  enabled: true\n  address: 127.0.0.1:${port}\nlogger:\n  level: WARN\n  format: logfmt\n`);
    const running = await startProgram({
      name: "Bento", program, args: ["-c", join(folder, "stream.yaml")], folder,
      answers: async () => (await fetch(`${url}/ready`)).ok,
    });
    return { ...running, url, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
