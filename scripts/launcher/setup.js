import { fileURLToPath } from "node:url";
import { advice, SetupFailure } from "./failures.js";
import { install, missingInstall } from "./install.js";
import { fetchedNode, fetchNode, runsCaudal } from "./node-version.js";
import { nodePackage, oldestNode, platforms, readSizes, thisPlatform } from "./platforms.js";
import { createProgress } from "./progress.js";
import { withSetupLock } from "./setup-lock.js";
import { wordsFor } from "./words.js";

/**
 * Makes a clone able to run: a Node that is new enough and the packages of `mode`. When both are there it returns at
 * once and prints nothing.
 * @param {{ root: string, mode: "runtime" | "full", env: NodeJS.ProcessEnv, stream: NodeJS.WritableStream }} options the
 *   clone, what it has to be able to do, and where progress goes
 * @returns {Promise<string>} path of the Node to run under
 * @throws {SetupFailure} with advice for the person
 */
export async function setUp({ root, mode, env, stream }) {
  const say = wordsFor(env);
  const here = `${process.platform}-${process.arch}`;
  const ownNode = runsCaudal(process.version) ? process.execPath : undefined;
  const found = () => ({ node: ownNode ?? fetchedNode(root, here), missing: missingInstall(root, mode) });
  const before = found();
  if (before.node && !before.missing) return before.node;
  try {
    const progress = createProgress({ stream, env, say });
    const onWait = (pid) => progress.line(say.waiting(pid));
    return await withSetupLock({ root, onWait }, async () => {
      // Looked at again: another launcher may have done it while this one waited.
      const { node, missing } = found();
      return await complete({ root, env, say, progress, node, missing });
    });
  } catch (error) {
    if (error instanceof SetupFailure) throw error;
    throw new SetupFailure(root, advice({ code: error.code ?? error.message, folder: error.path ?? root }, say));
  }
}

async function complete({ root, env, say, progress, node, missing }) {
  const platform = node ? `${process.platform}-${process.arch}` : thisPlatform();
  const sizes = readSizes(root);
  const nodeSize = node ? undefined : sizes.node[platform];
  const packages = missing ? packageBytes(sizes, missing, platform) : 0;
  const total = (nodeSize?.packedBytes ?? 0) + packages;
  if (total > 0) progress.line(progress.strong(say.total(mb(total))));
  const title = say.node(nodePackage(platform)?.version ?? oldestNode[0], platform, mb(nodeSize?.packedBytes ?? 0));
  const binary = node
    ?? (await progress.step(title, () =>
      fetchNode({ root, platform, step: title, integrity: nodeSize?.integrity, env, say })));
  if (missing) {
    const step = say[missing](mb(packages));
    await progress.step(step, () => install({ root, mode: missing, step, env, say }));
  }
  return binary;
}

/** The measured size of an install; a platform without a measurement takes the largest. */
function packageBytes(sizes, mode, platform) {
  const measured = sizes.packages[mode];
  return measured[platform]?.packedBytes ?? Math.max(...platforms.map((each) => measured[each]?.packedBytes ?? 0));
}

function mb(bytes) {
  return Math.max(1, Math.round(bytes / 1e6));
}

/** The root folder of this clone. */
export function cloneRoot() {
  return fileURLToPath(new URL("../..", import.meta.url));
}
