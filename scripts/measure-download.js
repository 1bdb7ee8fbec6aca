// Measures what a first start downloads and writes it to scripts/launcher/sizes.json: the Node package of every
// platform, and for every platform the packages of a runtime and of a full install, each from an empty npm cache.
// Run it after a change of package-lock.json or of the pinned Node versions: node scripts/measure-download.js
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { installArguments } from "./launcher/install.js";
import { nodePackage, platforms } from "./launcher/platforms.js";
import { cloneRoot } from "./launcher/setup.js";
import { lockedPackagesHash } from "./locked-packages.js";

const root = cloneRoot();
const temporary = mkdtempSync(join(tmpdir(), "caudal-measure-"));
const sizes = {
  measuredFrom: lockedPackagesHash(readFileSync(join(root, "package-lock.json"), "utf8")),
  node: {},
  packages: { runtime: {}, full: {} },
};
try {
  for (const platform of platforms) {
    sizes.node[platform] = measureNode(platform);
    for (const mode of Object.keys(sizes.packages)) sizes.packages[mode][platform] = measureInstall(mode, platform);
    console.log(platform, sizes.node[platform].packedBytes, sizes.packages.runtime[platform], sizes.packages.full[platform]);
  }
  writeFileSync(join(root, "scripts", "launcher", "sizes.json"), `${JSON.stringify(sizes, null, 2)}\n`);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

function measureNode(platform) {
  const { name, version } = nodePackage(platform);
  const folder = mkdtempSync(join(temporary, "node-"));
  const printed = npm(["pack", `${name}@${version}`, "--json", `--cache=${join(folder, "cache")}`], folder);
  const [packed] = Object.values(JSON.parse(printed));
  const tarball = join(folder, packed.filename);
  const measured = { name, version, integrity: packed.integrity, packedBytes: statSync(tarball).size };
  rmSync(folder, { recursive: true });
  return measured;
}

function measureInstall(mode, platform) {
  const folder = mkdtempSync(join(temporary, `${mode}-`));
  copyManifests(folder);
  const [os, cpu] = platform.split("-");
  const cache = join(folder, "cache");
  npm([...installArguments[mode], "--ignore-scripts", `--cache=${cache}`, `--os=${os}`, `--cpu=${cpu}`], folder);
  const measured = downloaded(cache);
  rmSync(folder, { recursive: true });
  return measured;
}

function copyManifests(folder) {
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const manifests = ["package.json", "package-lock.json", ".npmrc", ...workspaces.map((each) => join(each, "package.json"))];
  for (const path of manifests.filter((each) => existsSync(join(root, each)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
}

/** What npm fetched into an empty cache: tarballs as they are, package metadata as a registry sends it, compressed. */
function downloaded(cache) {
  const entries = new Map();
  for (const line of filesUnder(join(cache, "_cacache", "index-v5")).flatMap((path) => readFileSync(path, "utf8").split("\n"))) {
    if (!line) continue;
    const entry = JSON.parse(line.slice(line.indexOf("\t") + 1));
    if (entry.key.startsWith("make-fetch-happen:")) entries.set(entry.key, entry);
  }
  const total = { packages: 0, packedBytes: 0 };
  for (const { key, size, integrity } of entries.values()) {
    const tarball = key.endsWith(".tgz");
    if (tarball) total.packages += 1;
    total.packedBytes += tarball ? size : gzipSync(readFileSync(contentPath(cache, integrity))).length;
  }
  return total;
}

function contentPath(cache, integrity) {
  const [algorithm, digest] = integrity.split(/-(.*)/s);
  const hex = Buffer.from(digest, "base64").toString("hex");
  return join(cache, "_cacache", "content-v2", algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function npm(args, cwd) {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
}
