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
 * Runs the checks and tests. They find the same Node under the name `node`, also where the host's is another one.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function launchTests(args, env) {
  await prepared("full", env, async (root, node) => {
    // Windows writes it "Path".
    const name = Object.keys(env).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
    const path = `${dirname(node)}${delimiter}${env[name] ?? ""}`;
    await runChild({ node, entry: join(root, "tools", "test-run", "main.ts"), args, env: { ...env, [name]: path } });
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
