import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const copied = ["collector", "core", "schemas", "runtime", "scripts/new.js", "tools/new", "package.json", "tsconfig.json", "eslint.config.js"];
const packages = ["collector", "core", "schemas", "runtime"];
let copy: string;

before(async () => {
  copy = await mkdtemp(join(tmpdir(), "caudal-new-"));
  for (const path of copied) await cp(join(root, path), join(copy, path), { recursive: true, filter: (source) => !source.includes("node_modules") });
  // Installed packages are the tree's own; our packages must be the copy's.
  await run("cp", ["-rs", join(root, "node_modules"), join(copy, "node_modules")]);
  await rm(join(copy, "node_modules", "@caudal"), { recursive: true, force: true });
  await run("mkdir", [join(copy, "node_modules", "@caudal")]);
  for (const name of packages) await symlink(join(copy, name), join(copy, "node_modules", "@caudal", name));
});
after(async () => { await rm(copy, { recursive: true, force: true }); });

const make = (...words: string[]): Promise<{ stdout: string; stderr: string; code: number }> => run(process.execPath, [join(copy, "scripts/new.js"), ...words]).then(
  ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
  (error: { stdout: string; stderr: string; code: number }) => ({ stdout: error.stdout, stderr: error.stderr, code: error.code }),
);

test("a provider from scratch, by a folder: as made it passes its fixture, the types and the lint", async () => {
  const made = await make("provider", "acme-wells");
  assert.equal(made.code, 0, made.stderr);
  for (const said of ["collector/providers/acme-wells/fixtures/newest.json", "providers.ts", "Next:", "caudal providers try"]) assert.ok(made.stdout.includes(said), said);
  assert.match(await readFile(join(copy, "collector/providers/providers.ts"), "utf8"), /import \{ acmeWells \} from "\.\/acme-wells\/acme-wells\.ts";[\s\S]*\n {2}acmeWells,\n\];/);

  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const fixtures = await run(process.execPath, ["--test", "--test-reporter=tap", "collector/providers/fixtures.unit.test.ts"], { cwd: copy, env, maxBuffer: 1 << 26 });
  assert.match(fixtures.stdout, /acme-wells 1/);
  assert.match(fixtures.stdout, /# fail 0/);
  const folder = join(copy, "collector/providers/acme-wells");
  const types = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", await only(copy)], { cwd: copy }).catch((error: { stdout: string }) => error);
  assert.equal(types.stdout, "");
  const lint = await run(process.execPath, [join(root, "node_modules/eslint/bin/eslint.js"), folder, "collector/providers/providers.ts"], { cwd: copy }).catch((error: { stdout: string; stderr: string }) => error);
  assert.equal(lint.stdout, "");
});

test("a name that is taken, or is none, changes nothing and says what to do", async () => {
  const list = join(copy, "collector/providers/providers.ts");
  const before = await readFile(list, "utf8");
  for (const [name, code, said] of [["tdata", 1, "is there already"], ["twin", 1, "already a name"], ["../x", 2, "no name"], ["Acme", 2, "no name"]] as const) {
    const made = await make("provider", name);
    assert.equal(made.code, code, name);
    assert.ok(made.stderr.includes(said), made.stderr);
  }
  assert.equal((await make("thing")).code, 2);
  assert.equal((await make("--help")).code, 0);
  assert.equal(await readFile(list, "utf8"), before);
});

/** Types of the new folder and all that it imports: the whole tree takes a minute more and says nothing more about it. */
async function only(folder: string): Promise<string> {
  const path = join(folder, "tsconfig.new.json");
  await writeFile(path, JSON.stringify({ extends: "./tsconfig.json", include: ["collector/providers/acme-wells/**/*.ts", "collector/providers/providers.ts"] }));
  return path;
}
