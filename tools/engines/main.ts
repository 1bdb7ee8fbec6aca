import { existsSync, readFileSync } from "node:fs";
import { installPackages, missingPackages } from "../test-run/debian-packages.ts";
import type { EngineName } from "./engine.ts";
import { logPath } from "./node-process.ts";
import { readOptions, usage } from "./options.ts";
import type { EngineOptions } from "./options.ts";
import { isRunning, openEngines, runRoot } from "./run-folder.ts";
import { nodeStatuses, settingLines, settingsOf, statusLines } from "./status.ts";
import { bringUp } from "./up.ts";
import type { UpResult } from "./up.ts";

const packages: Readonly<Record<EngineName, readonly string[]>> = {
  kafka: ["openjdk-17-jre-headless", "maven"],
  registry: ["openjdk-17-jre-headless", "maven"],
  redis: ["redis-server"],
  mongo: ["python3-pip"],
  cassandra: ["openjdk-17-jre-headless", "maven"],
  mosquitto: ["mosquitto"],
};

let options: EngineOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exit(2);
}
const root = runRoot(options.folder);
/** Progress goes beside the JSON, not into it. */
const print = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
const printJson = (value: unknown) => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

async function up(): Promise<void> {
  if (options.system) await installSystemPackages();
  const results: UpResult[] = [];
  for (const name of options.names) {
    const result = await bringUp(name, { ...options, root, print }).catch((error: Error): UpResult => ({ name, failure: error.message }));
    if (result.failure !== undefined) print(`${name}: FAILED. ${result.failure}`);
    results.push(result);
  }
  const values = settingsOf(openEngines(root));
  if (options.json) printJson({ engines: results, settings: Object.fromEntries(values) });
  else print(["", ...settingLines(values)].join("\n"));
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

async function installSystemPackages(): Promise<void> {
  const wanted = options.names.flatMap((name) => packages[name]);
  const missing = missingPackages().filter((name) => wanted.includes(name));
  if (missing.length === 0) return;
  print(`apt-get install ${missing.join(" ")} …`);
  const trouble = await installPackages(missing, process.cwd());
  if (trouble !== undefined) print(trouble);
}

async function down(): Promise<void> {
  const engines = openEngines(root, options.names).filter(isRunning);
  const stopped = await Promise.all(engines.map(async ({ name, nodes }) => {
    const startedMs = performance.now();
    await Promise.all(nodes.map((node) => node.stop()));
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    print(`${name}: stopped in ${seconds} s`);
    return { name, seconds };
  }));
  if (options.json) printJson({ stopped });
  else if (stopped.length === 0) print("nothing of these runs");
}

function status(): void {
  const engines = openEngines(root, options.names);
  const rows = nodeStatuses(engines);
  const values = settingsOf(engines);
  if (options.json) printJson({ nodes: rows, settings: Object.fromEntries(values) });
  else if (rows.length === 0) print("none was started yet: npm run engines -- up");
  else print([...statusLines(rows), "", ...settingLines(values)].join("\n"));
}

function logs(): void {
  const tails = openEngines(root, options.names).flatMap(({ name, nodes }) => nodes.map(({ folder, settings: { id } }) => {
    const path = logPath(folder);
    const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").slice(-options.lines) : [];
    return { engine: name, node: id, path, lines };
  }));
  if (options.json) printJson({ logs: tails });
  else for (const { engine, node, path, lines } of tails) print(`== ${engine} ${node}: ${path}\n${lines.join("\n")}\n`);
}

const commands: Record<EngineOptions["command"], () => Promise<void> | void> = { up, down, status, logs };
await commands[options.command]();
// A driver that asked an engine for its health may go on looking for it.
process.exit();
