import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const packages = ["schemas", "core", "runtime", "contract-tests", "adapters/embedded", "adapters/other", "collector", "processor", "web", "examples/fleet", "simulator", "sandbox", "caudal"];

/** What the design allows, and the checker has to let through. */
const allowed: Record<string, string> = {
  "core/index.ts": 'import "@caudal/schemas";',
  "runtime/index.ts": 'import "@caudal/core";',
  "collector/index.ts": 'import "@caudal/runtime"; import "@caudal/core"; import "express";',
  "adapters/embedded/index.ts": 'import "@caudal/core";',
  "adapters/embedded/log.int.test.ts": 'import "@caudal/contract-tests"; import "fast-check"; import "../../core/inside.ts";',
  "core/inside.ts": "export const inside = 1;",
  "contract-tests/index.ts": 'import "@caudal/core"; import "@caudal/schemas";',
  "caudal/index.ts": 'import "@caudal/collector"; import "@caudal/embedded"; import "@caudal/web"; import "@caudal/fleet";',
  "docs/tour/01-first.test.ts": 'import "@caudal/caudal";',
  "regression/integrity/auditor/auditor.ts": 'import "@caudal/schemas";',
};

/** Each planted import is one the design forbids, with the rule that has to name it. */
const forbidden: readonly [what: string, folder: string, source: string, rule: string][] = [
  ["a service imports a service", "collector", 'import "@caudal/processor";', "arrows-of-collector"],
  ["a service imports an adapter", "collector", 'import "@caudal/embedded";', "arrows-of-collector"],
  ["a service imports the suites", "collector", 'import "@caudal/contract-tests";', "arrows-of-collector"],
  ["the core imports the runtime", "core", 'import "@caudal/runtime";', "arrows-of-core"],
  ["the schemas import the core, only a type of it", "schemas", 'import type { inside } from "@caudal/core"; export type Inside = typeof inside;', "arrows-of-schemas"],
  ["an adapter imports the runtime", "adapters/embedded", 'import "@caudal/runtime";', "arrows-of-adapters"],
  ["an adapter's own code imports the suites", "adapters/embedded", 'import "@caudal/contract-tests";', "arrows-of-adapters"],
  ["an adapter imports another", "adapters/embedded", 'import "@caudal/other";', "adapter-to-adapter"],
  ["the page imports the core", "web", 'import "@caudal/core";', "arrows-of-web"],
  ["the fleet imports the core", "examples/fleet", 'import "@caudal/core";', "arrows-of-examples"],
  ["code imports a test", "collector", 'import "./some.test.ts";', "into-tests-and-tools"],
  ["code imports a tool", "caudal", 'import "../tools/tool.ts";', "into-tests-and-tools"],
  ["the auditor imports the core", "regression/integrity/auditor", 'import "@caudal/core";', "auditor"],
  ["code reaches past another package's exports", "runtime", 'import "../core/inside.ts";', "past-the-exports"],
  ["code names a file that another package does not export", "runtime", 'import "@caudal/core/inside.ts";', "not-found"],
  ["two files import each other", "core", 'import "./planted-too.ts";', "cycle"],
  ["a package uses what it does not declare", "runtime", 'import "express";', "undeclared"],
  ["a package uses one of ours without declaring it", "processor", 'import "@caudal/core";', "undeclared"],
  ["a package uses what only the root has for development", "runtime", 'import "fast-check";', "undeclared"],
];

let tree: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function manifest(folder: string): object {
  const names = packages.map((each) => `@caudal/${each.split("/").at(-1)}`);
  const declared = folder === "processor" ? {} : Object.fromEntries(names.map((name) => [name, "0.1.0"]));
  const dependencies = folder === "collector" ? { ...declared, express: "5.0.0" } : declared;
  return { name: `@caudal/${folder.split("/").at(-1)}`, version: "0.1.0", type: "module", exports: { ".": "./index.ts" }, dependencies };
}

before(() => {
  tree = mkdtempSync(join(tmpdir(), "caudal-arrows-"));
  write("package.json", JSON.stringify({ name: "tree", private: true, type: "module", workspaces: packages, devDependencies: { "fast-check": "4.0.0" } }));
  for (const name of ["express", "fast-check"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    write(`node_modules/${name}/index.js`, "");
  }
  mkdirSync(join(tree, "node_modules", "@caudal"));
  for (const folder of packages) {
    write(`${folder}/package.json`, JSON.stringify(manifest(folder)));
    write(`${folder}/index.ts`, "export {};");
    symlinkSync(join(tree, folder), join(tree, "node_modules", "@caudal", folder.split("/").at(-1) ?? ""), "junction");
  }
  write("collector/some.test.ts", "export {};");
  write("tools/tool.ts", "export {};");
  for (const [path, source] of Object.entries(allowed)) write(path, source);
});

/** The rules that each file of the tree breaks. */
async function broken(): Promise<Map<string, string[]>> {
  const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
  const command = [program, "--config", join(root, "tools", "arrows", "rules.cjs"), "--output-type", "json", "."];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, command, { cwd: tree, maxBuffer: 32_000_000 }, (_error, output) => resolve(output));
  });
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  const found = new Map<string, string[]>();
  for (const { from, rule } of summary.violations) found.set(from, [...new Set([...(found.get(from) ?? []), rule.name])]);
  return found;
}

test("the arrows of the design pass, and each forbidden one fails by its rule", async (context) => {
  context.after(() => rmSync(tree, { recursive: true, force: true }));
  assert.deepEqual(await broken(), new Map());
  const files = forbidden.map(([, folder, source], index) => {
    const file = `${folder}/planted-${index}.ts`;
    write(file, source);
    if (source.includes("planted-too")) write(`${folder}/planted-too.ts`, `import "./planted-${index}.ts";`);
    return file;
  });
  const found = await broken();
  for (const [index, [what, , , rule]] of forbidden.entries()) {
    await context.test(`it fails when ${what}`, () => assert.deepEqual(found.get(files[index] ?? ""), [rule]));
  }
});

test("the check ends with an error where an arrow is broken", async () => {
  const own = mkdtempSync(join(tmpdir(), "caudal-arrow-"));
  try {
    writeFileSync(join(own, "package.json"), JSON.stringify({ workspaces: [] }));
    for (const [name, source] of [["web/index.ts", 'import "../core/index.ts";'], ["core/index.ts", "export {};"]] as const) {
      mkdirSync(dirname(join(own, name)));
      writeFileSync(join(own, name), source);
    }
    const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
    const { code, said } = await new Promise<{ code: number | string | null | undefined; said: string }>((resolve) => {
      const args = [program, "--config", join(root, "tools", "arrows", "rules.cjs"), "--output-type", "err", "."];
      execFile(process.execPath, args, { cwd: own }, (error, stdout) => resolve({ code: error?.code, said: stdout }));
    });
    assert.ok(Number(code) > 0);
    assert.match(said, /arrows-of-web: web\/index\.ts → core\/index\.ts/);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});
