import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../tools/engines/free-ports.ts";
import { mosquitto } from "../../tools/engines/servers/mosquitto.ts";
import { tcpExchange } from "../../tools/engines/tcp-exchange.ts";
import { startProgram, type RunningPeer } from "./program.ts";

/** MQTT 3.1.1, clean session, no name, keep-alive 10 s. */
const connectPacket = Buffer.from("100c00044d5154540402000a0000", "hex");
const accepted = Buffer.from("20020000", "hex");

/** Mosquitto with what lets one subscriber go as fast as it can: many messages to it on their way at once, nothing written to the disk. */
export async function startWideMosquitto(): Promise<RunningPeer & { readonly url: string }> {
  const files = mosquitto.find();
  if (files === undefined) throw new Error("Mosquitto is not here: npm run engines -- up mosquitto");
  const folder = await mkdtemp(join(tmpdir(), "caudal-mosquitto-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const host = "127.0.0.1";
  try {
    const port = await freePort();
    const lines = [`listener ${port} ${host}`, "allow_anonymous true", "max_inflight_messages 1000", "max_queued_messages 100000", "persistence false", "log_dest stdout"];
    // As root it would become another user.
    if (process.getuid?.() === 0) lines.push("user root");
    await writeFile(join(folder, "mosquitto.conf"), `${lines.join("\n")}\n`);
    const running = await startProgram({
      name: "Mosquitto", program: files.path, args: ["-c", join(folder, "mosquitto.conf")], folder, ...(files.env === undefined ? {} : { env: files.env }),
      answers: async () => (await tcpExchange({ host, port, send: connectPacket })).equals(accepted),
    });
    return { ...running, url: `mqtt://${host}:${port}`, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
