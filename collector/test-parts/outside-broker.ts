import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findMosquitto } from "../../tools/mosquitto.ts";

/** A broker in a process of its own. */
export interface OutsideBroker {
  readonly kind: "mosquitto" | "aedes";
  readonly url: string;
  readonly port: number;
  /** Ends it and starts it again at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const MOSQUITTO = findMosquitto();

/** Mosquitto where it is installed, else aedes. */
export function usualBroker(): "mosquitto" | "aedes" {
  return MOSQUITTO === undefined ? "aedes" : "mosquitto";
}

/** Starts a broker on a free port of the loopback. `lines` are more lines of Mosquitto's configuration. */
export async function startBroker(kind: "mosquitto" | "aedes" = usualBroker(), lines: readonly string[] = []): Promise<OutsideBroker> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-broker-"));
  const port = await freePort();
  let child = await run(kind, { folder, port, lines });
  return {
    kind, port, url: `mqtt://127.0.0.1:${port}`,
    restart: async () => {
      await end(child);
      child = await run(kind, { folder, port, lines });
    },
    close: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(kind: "mosquitto" | "aedes", { folder, port, lines }: { folder: string; port: number; lines: readonly string[] }): Promise<ChildProcess> {
  const config = join(folder, "mosquitto.conf");
  if (kind === "mosquitto") {
    await writeFile(config, [`listener ${port} 127.0.0.1`, "allow_anonymous true", "max_queued_messages 0", "persistence true", `persistence_location ${folder}/`, ...lines, ""].join("\n"));
  }
  const [command, ...args] = kind === "mosquitto" ? [MOSQUITTO ?? "mosquitto", "-c", config] : [process.execPath, new URL("./aedes-child.ts", import.meta.url).pathname, String(port)];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => { said += chunk.toString(); });
  const untilMs = performance.now() + 5000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`${kind} did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** A port that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
