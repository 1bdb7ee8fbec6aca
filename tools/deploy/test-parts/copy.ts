import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { root } from "./container.ts";

const ours = ["docker-compose.yml", "Dockerfile", ".dockerignore", "deploy"];
const others = ["package.json", "docs", "tools", "LICENSE", "NOTICE", ".npmrc", "package-lock.json", "config", "examples", "adapters"];

/** A copy of the deployment files in a root of its own, with one text of one file replaced; all else is the checkout's. */
export function withChange(context: TestContext, file: string, change: readonly [from: string | RegExp, to: string]): string {
  const copy = mkdtempSync(join(tmpdir(), "caudal-deploy-"));
  context.after(() => rmSync(copy, { recursive: true, force: true }));
  for (const path of ours) cpSync(join(root, path), join(copy, path), { recursive: true });
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { workspaces: string[] };
  for (const path of [...others, ...workspaces.filter((folder) => !folder.includes("/"))]) symlinkSync(join(root, path), join(copy, path));
  const before = readFileSync(join(copy, file), "utf8");
  const after = before.replace(...change);
  if (after === before) throw new Error(`${file} has no ${String(change[0])}`);
  writeFileSync(join(copy, file), after);
  return copy;
}
