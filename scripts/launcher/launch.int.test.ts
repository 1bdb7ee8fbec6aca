import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cloneRoot } from "./setup.js";

/** Stands in for the program: tells how it was started, and with `up` stays until it is told to stop. */
const program = `
if (process.argv[2] === "up") {
  const alive = setInterval(() => {}, 1000);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      console.log("stopped by " + signal);
      clearInterval(alive);
      process.exitCode = 7;
    });
  }
}
console.log(JSON.stringify({ args: process.argv.slice(2), pid: process.pid, parent: process.ppid }));
`;

let folder: string;
let root: string;

/** A fresh clone whose set-up is done, so that nothing is fetched. */
before(() => {
  folder = mkdtempSync(join(tmpdir(), "caudal-launch-"));
  root = join(folder, "clone");
  const source = cloneRoot();
  mkdirSync(join(root, "caudal"), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  cpSync(join(source, "scripts"), join(root, "scripts"), { recursive: true });
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(source, name), join(root, name));
  const { workspaces } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { workspaces: string[] };
  for (const each of workspaces) cpSync(join(source, each, "package.json"), join(root, each, "package.json"));
  writeFileSync(join(root, "caudal", "main.ts"), program);
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  writeFileSync(join(root, "node_modules", ".caudal-install.json"), JSON.stringify({ lock, platform: `${process.platform}-${process.arch}`, mode: "runtime" }));
});

after(() => rmSync(folder, { recursive: true, force: true }));

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
  const child = spawn(command, args, { cwd: root, env: { ...clean, npm_config_cache: join(folder, "cache"), ...env } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, ended, said: () => said, line: () => saidLine(() => said, child) };
}

async function saidLine(said: () => string, child: ChildProcess): Promise<{ args: string[]; pid: number; parent: number }> {
  for (;;) {
    const line = /^\{.*\}$/m.exec(said());
    if (line) return JSON.parse(line[0]) as { args: string[]; pid: number; parent: number };
    if (child.exitCode !== null) assert.fail(`ended without a word: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("npm start runs `caudal up` with its arguments", async () => {
  const { child, ended, line, said } = start("npm", ["start", "--silent", "--", "--no-demo", "--http", "0"]);
  const { args, pid } = await line();
  assert.deepEqual(args, ["up", "--no-demo", "--http", "0"]);
  process.kill(pid, "SIGTERM");
  await ended;
  assert.match(said(), /stopped by SIGTERM/);
  assert.ok(child.exitCode !== 0);
});

test("ending npm ends the program with it", { skip: process.platform === "win32" && "Windows has no signals to pass" }, async () => {
  const { child, ended, line, said } = start("npm", ["start", "--silent"]);
  await line();
  child.kill("SIGTERM");
  await ended;
  assert.match(said(), /stopped by SIGTERM/);
});

test("scripts/start.sh is npm start", { skip: process.platform === "win32" && "a shell script" }, async () => {
  const { ended, line } = start("sh", ["scripts/start.sh", "--no-demo"]);
  const { args, pid } = await line();
  assert.deepEqual(args, ["up", "--no-demo"]);
  process.kill(pid, "SIGINT");
  await ended;
});

test("npx caudal runs a command of this clone, although nothing links it", async () => {
  const { ended, said, line } = start("npx", ["caudal", "points", "ls", "--json"]);
  const { args } = await line();
  assert.deepEqual(args, ["points", "ls", "--json"]);
  assert.equal(await ended, 0, said());
});

test("this clone's own command answers", async () => {
  const { ended, said } = start(process.execPath, [join(cloneRoot(), "scripts", "caudal.js"), "--help"]);
  assert.equal(await ended, 0, said());
  assert.match(said(), /caudal/);
});

test("under an older Node the program runs in a child, which gets each stop signal and whose exit code is the launcher's", { skip: process.platform === "win32" && "Windows has no signals to pass" }, async () => {
  const code = `import { runChild } from "./scripts/launcher/run.js";
    await runChild({ node: process.execPath, entry: "caudal/main.ts", args: ["up"], env: process.env });`;
  const { child, ended, line, said } = start(process.execPath, ["--input-type=module", "-e", code]);
  const { parent, args } = await line();
  assert.equal(parent, child.pid);
  assert.deepEqual(args, ["up"]);
  child.kill("SIGINT");
  assert.equal(await ended, 7);
  assert.equal(said().match(/stopped by/g)?.length, 1);
});

test("a set-up that cannot be done ends with exit code 3 and the next step, in the person's language", async () => {
  const broken = mkdtempSync(join(folder, "broken-"));
  cpSync(root, broken, { recursive: true });
  rmSync(join(broken, "node_modules"), { recursive: true });
  const { ended, said } = start(process.execPath, [join(broken, "scripts", "caudal.js"), "doctor"], {
    npm_config_registry: "http://127.0.0.1:9", npm_config_fetch_retries: "0", LC_ALL: "es_CL.UTF-8",
  });
  assert.equal(await ended, 3);
  assert.match(said(), /No se pudo terminar: Paquetes .*\nQué hacer: npm no pudo llegar a 127\.0\.0\.1/);
});

test("a folder of someone else ends with its name and exit code 3", { skip: process.getuid?.() !== 0 && "only root can become another user" }, async () => {
  const broken = mkdtempSync(join(folder, "foreign-"));
  cpSync(root, broken, { recursive: true });
  rmSync(join(broken, "node_modules"), { recursive: true });
  for (const path of [folder, broken]) chmodSync(path, 0o755);
  const child = spawn(process.execPath, [join(broken, "scripts", "caudal.js"), "doctor"], { uid: 65_534, gid: 65_534, env: { PATH: process.env["PATH"], HOME: "/nonexistent", LANG: "C" } });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.match(said, new RegExp(`no permission to write ${broken}.*EACCES`));
  assert.equal(code, 3);
});
