import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupFailure } from "./failures.js";
import { runNpm } from "./npm.js";
import { installLine, nodePackage, oldestNode } from "./platforms.js";

/**
 * Whether a version such as `v24.21.0` is at least `[major, minor, patch]`.
 * @param {string} version
 * @param {readonly number[]} least
 */
export function atLeast(version, [major = 0, minor = 0, patch = 0]) {
  const [a = 0, b = 0, c = 0] = version.replace(/^v/, "").split(".").map((part) => Number.parseInt(part, 10));
  return a !== major ? a > major : b !== minor ? b > minor : c >= patch;
}

/** Whether this Node runs Caudal by itself. */
export function runsCaudal(version) {
  return atLeast(version, oldestNode);
}

/**
 * The Node fetched earlier for this platform, as the path of its binary; undefined when there is none of the pinned
 * version. It is trusted only by its stamp, which is written after the binary has answered.
 */
export function fetchedNode(root, platform) {
  const wanted = nodePackage(platform);
  if (!wanted) return undefined;
  const binary = join(root, ".node", "node_modules", wanted.name, wanted.binary);
  try {
    if (readFileSync(stampPath(root), "utf8") !== stampOf(wanted)) return undefined;
  } catch {
    return undefined;
  }
  return existsSync(binary) ? binary : undefined;
}

/**
 * Fetches the pinned Node into `.node/` and gives the path of its binary.
 * @param {{ root: string, platform: string, step: string, integrity?: string | undefined, env: NodeJS.ProcessEnv,
 *   say: import("./words.js").Words }} options `integrity` is the pinned hash of the package
 */
export async function fetchNode({ root, platform, step, integrity, env, say }) {
  const wanted = nodePackage(platform);
  if (!wanted) throw new SetupFailure(step, say.unsupported(platform, installLine(platform)));
  const folder = join(root, ".node");
  mkdirSync(folder, { recursive: true });
  // A package.json of its own keeps npm from taking the repository above for the project it works on.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const name = `${wanted.name}@${wanted.version}`;
  await runNpm(["install", "--prefix", folder, "--no-save", name], { step, cwd: folder, folder, env, say });
  const arrived = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"));
  if (integrity && arrived.packages[`node_modules/${wanted.name}`]?.integrity !== integrity) {
    throw new SetupFailure(step, say.integrity(name));
  }
  const binary = join(folder, "node_modules", wanted.name, wanted.binary);
  try {
    execFileSync(binary, ["--version"], { stdio: "ignore" });
  } catch (error) {
    throw new SetupFailure(step, say.doesNotRun(name, installLine(platform)), String(error));
  }
  writeFileSync(stampPath(root), stampOf(wanted));
  return binary;
}

function stampPath(root) {
  return join(root, ".node", "caudal-node.txt");
}

function stampOf({ name, version }) {
  return `${name}@${version}\n`;
}
