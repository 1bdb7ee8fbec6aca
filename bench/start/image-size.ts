import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext } from "../harness/benchmark.ts";
import { copiedPaths, installedFor, isLeftOut, leftOutEverywhere, type LockedPackage } from "./image-parts.ts";

const root = join(import.meta.dirname, "..", "..");
const MIB = 1024 * 1024;

interface Size {
  files: number;
  bytes: number;
}

/** What the Dockerfile puts upon its base, without building it: files as they lie here. */
export function measureImage(context: BenchContext): void {
  const patterns = leftOutEverywhere(readFileSync(join(root, ".dockerignore"), "utf8"));
  const own: Size = { files: 0, bytes: 0 };
  for (const path of copiedPaths(readFileSync(join(root, "Dockerfile"), "utf8"))) add(own, path, (inner) => isLeftOut(inner, patterns));
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, LockedPackage> };
  const wanted = installedFor("caudal", packages);
  const here = wanted.filter((path) => existsSync(join(root, path)));
  const absent = wanted.filter((path) => !existsSync(join(root, path)));
  const required = absent.filter((path) => packages[path]?.optional !== true);
  const modules: Size = { files: 0, bytes: 0 };
  // What is nested is a package of the list itself.
  for (const path of here) add(modules, path, (inner) => inner.slice(path.length).includes("/node_modules"));
  context.figure({ name: "image: Caudal's own files", value: own.bytes / MIB, unit: "MiB" });
  context.figure({ name: "image: files of Caudal's own", value: own.files, unit: "" });
  context.figure({ name: "image: node_modules of production", value: modules.bytes / MIB, unit: "MiB" });
  context.figure({ name: "image: packages in it", value: here.length, unit: "" });
  context.figure({ name: "image: both, upon its base", value: (own.bytes + modules.bytes) / MIB, unit: "MiB" });
  const largest = here.map((path) => ({ path, bytes: sizeOf(path) })).sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  context.note(`Image: the bytes of the files that the Dockerfile copies here, and of the packages that the lock names for @caudal/caudal without those of development, as they lie unpacked; nothing was built. Its base, node:24-bookworm-slim, comes on top; of it the node program alone is ${(statSync(process.execPath).size / MIB).toFixed(0)} MiB here. Largest: ${largest.map(({ path, bytes }) => `${path.slice(path.lastIndexOf("node_modules/") + 13)} ${(bytes / MIB).toFixed(1)}`).join(", ")} MiB.`);
  if (required.length > 0) context.note(`Not on this disk and so not in these sums: ${required.join(", ")}: npm ci.`);
}

function sizeOf(path: string): number {
  const size: Size = { files: 0, bytes: 0 };
  add(size, path, (inner) => inner.slice(path.length).includes("/node_modules"));
  return size.bytes;
}

/** Links are not followed: they lead to workspaces. */
function add(size: Size, path: string, isOut: (path: string) => boolean): void {
  const stats = statSync(join(root, path));
  if (!stats.isDirectory()) {
    size.files += 1;
    size.bytes += stats.size;
    return;
  }
  for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
    const inner = `${path}/${entry.name}`;
    if (!entry.isSymbolicLink() && !isOut(inner)) add(size, inner, isOut);
  }
}
