import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import type { TestContext } from "node:test";
import { z } from "zod";
import { neededWorkspaces } from "../checks/image.ts";
import { copies, isIgnored } from "../dockerfile.ts";
import { root } from "./container.ts";

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional(), link: z.boolean().optional(), resolved: z.string().optional() })) });

/**
 * The files that the Dockerfile's last stage has, as a folder: what its COPY lines take without what .dockerignore leaves out, and beside them
 * the packages of `npm ci --omit=dev`, linked to those installed here.
 */
export function imageTree(context: TestContext): string {
  const tree = mkdtempSync(join(tmpdir(), "caudal-image-"));
  context.after(() => rmSync(tree, { recursive: true, force: true }));
  for (const [from, to] of copies(root, "last")) {
    cpSync(join(root, from), to.endsWith("/") ? join(tree, to, from) : join(tree, to), {
      recursive: true, filter: (source) => !isIgnored(root, relative(root, source).split(sep).join("/")),
    });
  }
  const needed = new Set(neededWorkspaces(root));
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
  for (const [path, { dev, devOptional, link, resolved = "" }] of Object.entries(packages)) {
    const first = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path);
    if (first === null || dev === true || devOptional === true) continue;
    const target = link === true ? join(tree, resolved) : join(root, path);
    if (link === true ? !needed.has(resolved) : !existsSync(target)) continue;
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    symlinkSync(target, join(tree, path));
  }
  return tree;
}
