import { delimiter, dirname, join } from "node:path";
import { SetupFailure } from "./failures.js";
import { run, runChild } from "./run.js";
import { cloneRoot, setUp } from "./setup.js";
import { wordsFor } from "./words.js";

/** Exit code when something outside is missing: network, disk, permission. */
const unavailable = 3;

/**
 * Runs `caudal ARGS`, setting the clone up first where needed.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function launch(args, env) {
  await prepared("runtime", env, async (root, node) => {
    await run({ node, entry: join(root, "caudal", "main.ts"), args, env, compileCache: join(root, ".node", "compile-cache") });
  });
}

/**
 * Runs the checks and tests.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function launchTests(args, env) {
  await launchTool(["tools", "test-run", "main.ts"], args, env);
}

/**
 * Starts, stops and shows the servers that Caudal's cluster runs on.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function launchEngines(args, env) {
  await launchTool(["tools", "engines", "main.ts"], args, env);
}

/**
 * Runs the benchmarks.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function launchBenchmarks(args, env) {
  await launchTool(["bench", "main.ts"], args, env);
}

/**
 * Makes trouble for a fleet on real servers, and has every store audited.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function launchTorture(args, env) {
  await launchTool(["regression", "torture", "main.ts"], args, env);
}

/** Runs a tool of ours. What it starts finds the same Node under the name `node`, also where the host's is another one. */
async function launchTool(path, args, env) {
  await prepared("full", env, async (root, node) => {
    // Windows writes it "Path".
    const name = Object.keys(env).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
    const paths = `${dirname(node)}${delimiter}${env[name] ?? ""}`;
    await runChild({ node, entry: join(root, ...path), args, env: { ...env, [name]: paths } });
  });
}

async function prepared(mode, env, work) {
  const root = cloneRoot();
  try {
    const node = await setUp({ root, mode, env, stream: process.stderr });
    await work(root, node);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    report(error, wordsFor(env));
    process.exitCode = unavailable;
  }
}

function report(failure, say) {
  const detail = failure.detail ? `\n${failure.detail}\n` : "";
  process.stderr.write(`${detail}\n${say.cannot(failure.step)}\n${say.next} ${failure.advice}\n`);
}
