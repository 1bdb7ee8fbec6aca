import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { npmErrorCode, SetupFailure, advice } from "./failures.js";

const keptOutputChars = 16_384;

/** Two short retries, where the user's environment says nothing: without a network npm then ends in seconds, not minutes. */
const patience = {
  npm_config_fetch_retries: "2",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "5000",
};

/**
 * How to start the user's own npm, so that the proxy, registry and certificates they have set apply: the npm that runs
 * us when there is one, else the one on the PATH. Windows cannot start `npm.cmd` without a shell that would split
 * paths at their blanks, so there it is the one that stands beside Node.
 * @param {NodeJS.ProcessEnv} env
 */
export function npmCommand(env) {
  const running = env.npm_execpath ?? "";
  const clis = [
    /^np[mx]-cli\.js$/.test(basename(running)) ? join(dirname(running), "npm-cli.js") : "",
    process.platform === "win32" ? join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js") : "",
  ];
  const cli = clis.find((path) => path !== "" && existsSync(path));
  return cli ? { command: process.execPath, first: [cli], shell: false } : { command: "npm", first: [], shell: process.platform === "win32" };
}

/**
 * Runs npm and resolves when it is done.
 * @param {string[]} args
 * @param {object} options step (title for a failure), cwd, folder (what is written), env, say
 * @throws {SetupFailure} with advice, when npm is not there or ends with an error
 */
export async function runNpm(args, { step, cwd, folder, env, say }) {
  const { command, first, shell } = npmCommand(env);
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--progress=false"];
  const { code, output } = await finished(spawn(command, [...first, ...args, ...quiet], {
    cwd, env: { ...patience, ...env }, shell, stdio: ["ignore", "pipe", "pipe"], windowsHide: true,
  }));
  if (code === 0) return;
  const name = code === "ENOENT" ? "ENOENT-npm" : (npmErrorCode(output) ?? String(code));
  throw new SetupFailure(step, advice({ code: name, output, folder }, say), output.trim());
}

function finished(child) {
  return new Promise((resolve) => {
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-keptOutputChars);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => resolve({ code: error.code ?? "spawn", output }));
    child.once("close", (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
