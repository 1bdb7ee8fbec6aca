import { spawn } from "node:child_process";
import { constants } from "node:os";
import { pathToFileURL } from "node:url";
import { atLeast } from "./node-version.js";
import { stopWithNpm } from "./parent.js";
import { quietNode } from "./platforms.js";

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs an entry file under `node`: in this process when this is that Node, which saves a process and its start, else in
 * a child whose end is ours.
 * @param {object} options node (binary), entry (path), args, env, compileCache (folder for compiled code)
 * @returns {Promise<void>} after the child has ended, with process.exitCode set; in this process, once loaded
 */
export async function run({ node, entry, args, env, compileCache }) {
  // Compiled code from a cache has no exact coverage.
  const cache = env.NODE_V8_COVERAGE ? undefined : compileCache;
  if (node === process.execPath && atLeast(process.version, quietNode)) {
    const { enableCompileCache } = await import("node:module");
    if (cache) enableCompileCache(cache);
    process.argv = [process.execPath, entry, ...args];
    stopWithNpm(env);
    await import(pathToFileURL(entry).href);
    return;
  }
  await runChild({ node, entry, args, env: cache ? { NODE_COMPILE_CACHE: cache, ...env } : env });
}

/** The same, always in a child. */
export async function runChild({ node, entry, args, env }) {
  // The second is kafkajs's, at every connection.
  const flags = ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning"];
  const child = spawn(node, [...flags, entry, ...args], { env, stdio: "inherit" });
  stopWithNpm(env);
  process.exitCode = await ended(child);
}

/**
 * The exit code of a child to which our stop signals are passed on. A SIGINT is passed on as SIGTERM: when Ctrl-C is
 * pressed the terminal has already sent SIGINT to the whole group, and a second one could be taken for impatience.
 */
function ended(child) {
  const pass = (signal) => child.kill(signal === "SIGINT" ? "SIGTERM" : signal);
  for (const signal of forwarded) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const each of forwarded) process.off(each, pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
