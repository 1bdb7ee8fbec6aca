import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { until } from "../../../caudal/test-parts/until.ts";
import { engineNames, type EngineName } from "../../engines/engine.ts";
import { engineUrl } from "../../engines/for-tests.ts";
import { freePort } from "../../engines/free-ports.ts";
import type { ComposeService } from "../compose-file.ts";
import { healthCommand, root } from "./container.ts";

const run = promisify(execFile);
const READY_MS = 90_000;

/** The name in compose's addresses, and the engine of the tests behind it. */
const hosts: Readonly<Record<string, EngineName>> = { "kafka:9092": "kafka", "registry:8080": "registry", "redis:6379": "redis", "mongo:27017": "mongo", "cassandra:9042": "cassandra", "mosquitto:1883": "mosquitto" };

/** An engine that was not started for the tests. The broker is our own: on a shared one others publish too. */
export const missingEngine = engineNames.find((name) => name !== "mosquitto" && engineUrl(name) === undefined);

/** Where a process of the fleet runs here. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  /** Part of every name on the shared servers. */
  readonly own: string;
  /** `127.0.0.1:PORT` of the broker. */
  readonly broker: string;
}

/** Compose's environment of a service with the network's names on loopback, folders of the test, and names of its own on the servers. */
export function onLoopback({ environment }: ComposeService, { folder, port, own, broker }: Place): Record<string, string> {
  const translated = Object.entries(environment).map(([name, value]): [string, string] => {
    const [host, engine] = Object.entries(hosts).find(([each]) => value.includes(`//${each}`)) ?? [];
    let text = value.replace("/var/lib/caudal", folder).replace("/run/secrets", join(root, "deploy", "development-secrets"));
    if (host !== undefined && engine !== undefined) text = text.replace(host, engine === "mosquitto" ? broker : new URL(engineUrl(engine) ?? "").host);
    if (engine === "mongo" || engine === "cassandra") text = text.replace("/caudal?", `/${own}?`);
    if (engine === "kafka" || engine === "redis") text += `${text.includes("?") ? "&" : "?"}prefix=${own}`;
    return [name, name === "CAUDAL_HTTP" ? text.replace("8000", String(port)) : text];
  });
  return { PATH: process.env["PATH"] ?? "", HOME: folder, ...Object.fromEntries(translated) };
}

export interface FleetProcess {
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
  output(): string;
}

/** A path of the image as it is here. */
const local = (word: string): string => word.replace(/^\/app/, root);

/** Runs a container's own command here: the image's entry with compose's words. It ends with the test. */
export async function startProcess(context: TestContext, name: string, service: ComposeService, shared: Pick<Place, "own" | "broker">): Promise<FleetProcess> {
  const folder = await mkdtemp(join(tmpdir(), `caudal-fleet-${name}-`));
  await mkdir(join(folder, "inbox"));
  const port = await freePort();
  const env = onLoopback(service, { folder, port, ...shared });
  const child: ChildProcess = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning", join(root, "caudal", "main.ts"), ...(service.command ?? [])], { env, stdio: ["ignore", "pipe", "pipe"], cwd: folder });
  let output = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  const gone = once(child, "exit") as Promise<[number | null]>;
  context.after(async () => {
    child.kill("SIGKILL");
    await gone;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    name, port, env, output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      return (await gone)[0];
    },
  };
}

/** Asks as Docker does until the container counts as healthy. */
export async function healthy({ name, env, output }: FleetProcess, service: ComposeService): Promise<void> {
  const [, ...words] = healthCommand(service);
  let why: unknown;
  await until(`${name} is healthy`, () => run(process.execPath, words.map(local), { env }).then(() => true as const, () => undefined), READY_MS).catch((error: unknown) => (why = error));
  if (why !== undefined) throw new Error(`${String(why)}\n${output()}`);
}

/** Runs a container that ends by itself; resolves with what it said. */
export async function runOnce(service: ComposeService, place: Place): Promise<string> {
  const [, ...entry] = service.entrypoint ?? [];
  const words = [...entry.map(local), ...(service.command ?? []).map((word) => word.replace("/var/lib/caudal/tokens", place.folder))];
  return (await run(process.execPath, words, { env: onLoopback(service, place), cwd: place.folder })).stdout;
}
