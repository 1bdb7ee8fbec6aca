import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { DONE, FAILED, WORK } from "./file-names.ts";

/** Files that are ours, moved aside under the instant at which they were taken: whoever reads them again gives them the same received time. */
export interface Claim {
  readonly folder: string;
  readonly claimedAtUs: number;
  /** Paths below the root, as they were dropped. */
  readonly paths: readonly string[];
}

const NAME = /^(\d{1,16})-[0-9a-f]{8}$/;

/** Moves files by atomic renames within the dropped folder's own disk. */
export class Claims {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async open(): Promise<void> {
    for (const folder of [WORK, DONE, FAILED]) await mkdir(join(this.#root, folder), { recursive: true });
  }

  /** Takes what is still there; another process may have been first. */
  async take(paths: readonly string[], claimedAtUs: number): Promise<Claim> {
    const folder = join(this.#root, WORK, `${claimedAtUs}-${randomBytes(4).toString("hex")}`);
    const taken: string[] = [];
    for (const path of paths) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      if (await moved(join(this.#root, path), join(folder, path))) taken.push(path);
    }
    return { folder, claimedAtUs, paths: taken };
  }

  /** Claims that a process left behind when it ended. */
  async leftBehind(): Promise<readonly Claim[]> {
    const claims: Claim[] = [];
    for (const name of (await readdir(join(this.#root, WORK))).sort()) {
      const claimedAtUs = Number(NAME.exec(name)?.[1] ?? NaN);
      if (!Number.isSafeInteger(claimedAtUs)) continue;
      const folder = join(this.#root, WORK, name);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
      claims.push({ folder, claimedAtUs, paths: paths.sort() });
    }
    return claims;
  }

  /** The file is in the log. A file of that name that is there already stays, unless it is the same. */
  async done(claim: Claim, path: string, sha256: string): Promise<void> {
    await moved(join(claim.folder, path), await this.#freePath(DONE, path, sha256.slice(0, 8)));
  }

  /** The file is of no use; why stands beside it. */
  async failed(claim: Claim, path: string, reason: { readonly reason: string; readonly detail: string; readonly bytes: number; readonly sha256: string; readonly failedAt: string }): Promise<void> {
    const target = await this.#freePath(FAILED, path, reason.sha256 === "" ? String(claim.claimedAtUs) : reason.sha256.slice(0, 8));
    await writeFile(`${target}.reason.json`, `${JSON.stringify({ file: path, ...reason }, null, 2)}\n`);
    await moved(join(claim.folder, path), target);
  }

  /** Removes what an emptied claim leaves; a claim that still has files stays. */
  async close(claim: Claim): Promise<void> {
    const left = await readdir(claim.folder, { recursive: true, withFileTypes: true }).catch(() => []);
    if (left.some((entry) => !entry.isDirectory())) return;
    await rm(claim.folder, { recursive: true, force: true });
  }

  async #freePath(kind: string, path: string, suffix: string): Promise<string> {
    const target = join(this.#root, kind, path);
    await mkdir(dirname(target), { recursive: true });
    const taken = await access(target).then(() => true, () => false);
    return taken ? `${target}.${suffix}` : target;
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
