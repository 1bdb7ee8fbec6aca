import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const pollMs = 200;

/**
 * Runs `work` while no other launcher sets up the same folder: two at once (a start and a `send` in another terminal,
 * say) would delete each other's half-made node_modules. A lock left by a process that is gone is taken over.
 * @param {object} options root, onWait(pid) called once when someone else holds it
 */
export async function withSetupLock({ root, onWait }, work) {
  const folder = join(root, ".node");
  const path = join(folder, "setup.lock");
  mkdirSync(folder, { recursive: true });
  let told = false;
  while (!take(path)) {
    const pid = ownerOf(path);
    if (pid === undefined || !isAlive(pid)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told) onWait(pid);
    told = true;
    await wait(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function ownerOf(path) {
  try {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
