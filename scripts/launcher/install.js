import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runNpm } from "./npm.js";

/**
 * `runtime`: what running needs, the dependencies of the workspace that composes everything and no development tools.
 * `full`: everything, for `npm test`. A full install serves both.
 */
export const installArguments = {
  runtime: ["ci", "--omit=dev", "--include=optional", "--workspace=@caudal/caudal"],
  full: ["ci", "--include=dev", "--include=optional"],
};

/**
 * Which install is missing for `mode`: undefined when what is there serves, else the mode to install. A folder that
 * holds a full install is only ever brought up to date as a full one.
 */
export function missingInstall(root, mode) {
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = { lock: createHash("sha256").update(lock).digest("hex"), platform: `${process.platform}-${process.arch}` };
  const stamp = readJson(stampPath(root));
  const current = stamp?.lock === wanted.lock && stamp.platform === wanted.platform;
  if (current && (stamp.mode === "full" || stamp.mode === mode)) return undefined;

  // No stamp of ours, or another lock file since: someone may have run npm themselves, so compare what npm noted.
  const installed = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (installed) {
    const locked = JSON.parse(lock.toString("utf8")).packages;
    const found = ["full", "runtime"].find((candidate) => covers(root, installed, locked, candidate));
    if (found) {
      writeStamp(root, { ...wanted, mode: found });
      if (found === "full" || found === mode) return undefined;
    }
    if (hasDevelopment(installed)) return "full";
  }
  return stamp?.mode === "full" ? "full" : mode;
}

/**
 * Installs exactly what package-lock.json names, without running any package's scripts.
 * @param {object} options root, mode, step (title), env, say
 */
export async function install({ root, mode, step, env, say }) {
  await runNpm(installArguments[mode], { step, cwd: root, folder: join(root, "node_modules"), env, say });
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  writeStamp(root, { lock, platform: `${process.platform}-${process.arch}`, mode });
}

/**
 * Whether everything that the lock file wants here for `mode` is installed at its version. npm's own note may name more
 * than is there (after `npm install --package-lock-only`, say), so the folders are looked at too.
 */
function covers(root, installed, locked, mode) {
  return Object.entries(locked).every(([path, wanted]) => {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) return true;
    if (mode === "runtime" && (wanted.dev || wanted.devOptional)) return true;
    const there = existsSync(join(root, path)) ? installed[path] : undefined;
    if (there) return Boolean(wanted.link) || (there.version === wanted.version && there.integrity === wanted.integrity);
    return Boolean(wanted.optional || wanted.peer);
  });
}

function hasDevelopment(installed) {
  return Object.values(installed).some((entry) => entry.dev);
}

function stampPath(root) {
  return join(root, "node_modules", ".caudal-install.json");
}

function writeStamp(root, stamp) {
  try {
    writeFileSync(stampPath(root), `${JSON.stringify(stamp)}\n`);
  } catch {
    // A folder that cannot be written still runs; only the next start compares again.
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
