import { matchesGlob } from "node:path";

/** Folders and files of the clone that the last stage of a Dockerfile copies, without those of other stages. */
export function copiedPaths(dockerfile: string): string[] {
  const last = dockerfile.split(/^FROM /m).at(-1) ?? "";
  return last.split("\n").flatMap((line) => {
    const [word, ...paths] = line.trim().split(/\s+/);
    return word === "COPY" && !line.includes("--from=") ? paths.slice(0, -1) : [];
  });
}

/** Patterns of what a .dockerignore leaves out of folders that it lets in: those that hold everywhere. */
export function leftOutEverywhere(dockerignore: string): string[] {
  return dockerignore.split("\n").map((line) => line.trim()).filter((line) => line.startsWith("**/"));
}

/** `path` is relative to the clone. */
export function isLeftOut(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesGlob(path, pattern));
}

export interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Paths in node_modules that `npm ci --omit=dev --include=optional --workspace=…` installs for a workspace: its dependencies and theirs, each found as Node finds it from the one
 * that asks, nearest node_modules first. Links lead to workspaces, which are no packages here.
 */
export function installedFor(workspace: string, packages: Readonly<Record<string, LockedPackage>>): string[] {
  const met = new Set([workspace]);
  for (const path of met) {
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const at = nearest(path, name, packages);
      // An optional one of another platform, or a peer that nobody needs.
      if (at === undefined) continue;
      const { link, resolved } = packages[at] ?? {};
      met.add(link === true && resolved !== undefined ? resolved : at);
    }
  }
  return [...met].filter((path) => path.includes("node_modules/")).sort();
}

function nearest(from: string, name: string, packages: Readonly<Record<string, LockedPackage>>): string | undefined {
  for (let folder = from; ;) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === "") return undefined;
    folder = folder.includes("/") ? folder.slice(0, folder.lastIndexOf("/")) : "";
  }
}
