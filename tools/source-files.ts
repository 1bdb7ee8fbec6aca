import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

const leftOut = new Set(["node_modules", ".git", ".node", ".turbo", "generated"]);
const leftOutPaths = new Set(["data", "coverage", "examples/data"]);

/** Every file below `root` that people wrote, as sorted paths with `/`: no installed, generated, data or cache folders. */
export function sourceFiles(root: string): string[] {
  return walk(root, root).sort();
}

function walk(root: string, folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const name = relative(root, path).split(sep).join("/");
    if (entry.isDirectory()) return leftOut.has(entry.name) || leftOutPaths.has(name) ? [] : walk(root, path);
    return entry.isFile() ? [name] : [];
  });
}

/** Whether a path is a test, or serves only tests: a file or folder named `test-…`, a folder `fixture`. */
export function isTestFile(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(^|\/)(test-[^/]+(\/|\.tsx?$)|fixture\/)/.test(path);
}
