import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { fetchedNode, fetchNode } from "./node-version.js";
import { nodePackage } from "./platforms.js";
import { cloneRoot, setUp } from "./setup.js";
import { openRegistry } from "./test-registry.ts";
import type { ServedPackage } from "./test-registry.ts";
import { words } from "./words.js";

const npm = promisify(execFile).bind(undefined, "npm");
const here = `${process.platform}-${process.arch}`;

const node = nodePackage("linux-x64") ?? assert.fail("no package");
const packages: readonly ServedPackage[] = [
  { name: "used", version: "1.0.0", files: { "index.js": "export {};" } },
  { name: "tool", version: "2.0.0", files: { "index.js": "export {};" } },
  { name: "extra", version: "3.0.0", files: { "index.js": "export {};" } },
  { name: node.name, version: node.version, files: { "bin/node": "#!/bin/sh\necho v24.21.0\n" } },
];
const folder = mkdtempSync(join(tmpdir(), "caudal-setup-"));
const registry = await openRegistry(folder, packages);
const template = join(folder, "template");
const baseEnv: NodeJS.ProcessEnv = { ...process.env, npm_config_registry: registry.url, npm_config_fetch_retries: "0", CAUDAL_LANG: "en", NO_COLOR: "1" };
delete baseEnv["npm_execpath"];

before(async () => {
  mkdirSync(join(template, "caudal"), { recursive: true });
  mkdirSync(join(template, "scripts", "launcher"), { recursive: true });
  cpSync(join(cloneRoot(), "scripts", "launcher", "sizes.json"), join(template, "scripts", "launcher", "sizes.json"));
  writeFileSync(join(template, ".npmrc"), "omit-lockfile-registry-resolved=true\n");
  writeManifest(template, { dev: ["tool"] });
  writeFileSync(join(template, "caudal", "package.json"), JSON.stringify({ name: "@caudal/caudal", version: "1.0.0", dependencies: { used: "1.0.0" } }));
  await writeLock(template);
});

after(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeManifest(root: string, { dev, run = [] }: { dev: string[]; run?: string[] }): void {
  const versions = (names: string[]) => Object.fromEntries(packages.filter(({ name }) => names.includes(name)).map(({ name, version }) => [name, version]));
  const manifest = { name: "clone", version: "1.0.0", workspaces: ["caudal"], dependencies: versions(run), devDependencies: versions(dev) };
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
}

/** npm runs beside the registry, which answers from this process. */
function writeLock(root: string): Promise<unknown> {
  return npm(["install", "--package-lock-only", "--ignore-scripts", "--no-audit"], { cwd: root, env: baseEnv });
}

/** A clone in a folder of its own, with one dependency for running and one for tests, and an empty npm cache. */
function openClone() {
  const root = mkdtempSync(join(folder, "clone-"));
  cpSync(template, root, { recursive: true });
  const stream = new PassThrough();
  return {
    root,
    stream,
    env: { ...baseEnv, npm_config_cache: join(root, "cache") } as NodeJS.ProcessEnv,
    said: () => String(stream.read() ?? ""),
    installed: (name: string) => existsSync(join(root, "node_modules", name, "package.json")),
  };
}

test("a first start installs what running needs from the user's registry, says the size, and a later one does nothing", async () => {
  const clone = openClone();
  assert.equal(await setUp({ ...clone, mode: "runtime" }), process.execPath);
  assert.match(clone.said(), /^Setting up Caudal, once: about \d+ MB to download through npm\n {2}Packages that running needs \(\d+ MB\) …\n.* done \d+\.\d s\n$/);
  assert.ok(clone.installed("used"));
  assert.ok(!clone.installed("tool"));
  assert.ok(registry.asked.some((path) => path.endsWith("used-1.0.0.tgz")));

  const asked = registry.asked.length;
  await setUp({ ...clone, mode: "runtime" });
  assert.equal(registry.asked.length, asked);
  assert.equal(clone.said(), "");
});

test("a full install serves running too, and an update of what running needs keeps it full", async () => {
  const clone = openClone();
  await setUp({ ...clone, mode: "runtime" });
  await setUp({ ...clone, mode: "full" });
  assert.ok(clone.installed("tool"));
  const asked = registry.asked.length;
  await setUp({ ...clone, mode: "runtime" });
  assert.equal(registry.asked.length, asked);

  writeManifest(clone.root, { dev: ["tool"], run: ["extra"] });
  await writeLock(clone.root);
  await setUp({ ...clone, mode: "runtime" });
  assert.ok(clone.installed("extra"));
  assert.ok(clone.installed("tool"));
});

test("a new development tool does not hold up a start, and comes with the next full install", async () => {
  const clone = openClone();
  await setUp({ ...clone, mode: "full" });
  writeManifest(clone.root, { dev: ["tool", "extra"] });
  await writeLock(clone.root);
  const asked = registry.asked.length;
  await setUp({ ...clone, mode: "runtime" });
  assert.equal(registry.asked.length, asked);
  await setUp({ ...clone, mode: "full" });
  assert.ok(clone.installed("extra"));
});

test("what npm itself has installed is taken as it is; what it lacks is installed", async () => {
  const clone = openClone();
  await npm(["ci"], { cwd: clone.root, env: clone.env });
  const asked = registry.asked.length;
  await setUp({ ...clone, mode: "full" });
  assert.equal(registry.asked.length, asked);

  rmSync(join(clone.root, "node_modules"), { recursive: true });
  await setUp({ ...clone, mode: "full" });
  assert.ok(clone.installed("tool"));
});

test("without a network it ends with what to do", async () => {
  const clone = openClone();
  clone.env["npm_config_registry"] = "http://127.0.0.1:9";
  await assert.rejects(setUp({ ...clone, mode: "runtime" }), (error: { advice: string }) => {
    assert.match(error.advice, /npm could not reach .*ECONNREFUSED.*network.*proxy/s);
    return true;
  });
  assert.match(clone.said(), /Packages that running needs .* failed/);
});

test("a lock file that does not fit ends with what to do", async () => {
  const clone = openClone();
  writeManifest(clone.root, { dev: ["tool", "extra"] });
  await assert.rejects(setUp({ ...clone, mode: "runtime" }), { advice: words.en.lock() });
});

test("a folder that cannot be written ends with which one", async () => {
  const clone = openClone();
  writeFileSync(join(clone.root, ".node"), "a file where the folder should be");
  await assert.rejects(setUp({ ...clone, mode: "runtime" }), (error: { advice: string }) => error.advice.length > 0);
});

test("two set-ups of one folder at the same time: the second waits, then finds it done", async () => {
  const clone = openClone();
  const asked = registry.asked.length;
  await Promise.all([setUp({ ...clone, mode: "runtime" }), setUp({ ...clone, mode: "runtime" })]);
  assert.match(clone.said(), new RegExp(`Waiting for another set-up of this folder \\(process ${process.pid}\\)`));
  assert.equal(registry.asked.slice(asked).filter((path) => path.endsWith(".tgz")).length, 1);
});

test("a set-up lock whose process is gone is taken over", async () => {
  const clone = openClone();
  const gone = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
  mkdirSync(join(clone.root, ".node"));
  writeFileSync(join(clone.root, ".node", "setup.lock"), String(gone));
  await Promise.race([setUp({ ...clone, mode: "runtime" }), wait(30_000, undefined, { ref: false }).then(() => assert.fail("it waits"))]);
  assert.ok(clone.installed("used"));
});

test("Node is fetched into .node, tried, and found again", { skip: here !== "linux-x64" && "the package under test is for linux-x64" }, async () => {
  const clone = openClone();
  const options = { root: clone.root, platform: here, step: "Node", env: clone.env, say: words.en };
  assert.equal(fetchedNode(clone.root, here), undefined);
  const binary = await fetchNode({ ...options, integrity: registry.integrityOf(node.name) });
  assert.equal(fetchedNode(clone.root, here), binary);
  assert.equal(execFileSync(binary, { encoding: "utf8" }), "v24.21.0\n");
  assert.ok(readFileSync(join(clone.root, ".node", "package.json"), "utf8").includes("private"));

  rmSync(join(clone.root, ".node"), { recursive: true });
  await assert.rejects(fetchNode({ ...options, integrity: "sha512-other" }), /is not what was measured and pinned/);
  assert.equal(fetchedNode(clone.root, here), undefined);
});

test("a platform that npm has no Node for is told its own install line", async () => {
  const clone = openClone();
  const options = { root: clone.root, platform: "linux-x64-musl", step: "Node", integrity: undefined, env: clone.env, say: words.es };
  await assert.rejects(fetchNode(options), /npm no tiene Node 24 para linux-x64-musl.*apk add nodejs/);
});
