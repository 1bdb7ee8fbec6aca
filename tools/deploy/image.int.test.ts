import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { serve } from "../../runtime/test-parts/serve.ts";
import { sourceFiles } from "../source-files.ts";
import { readDockerfile } from "./dockerfile.ts";
import { root } from "./test-parts/container.ts";
import { imageTree } from "./test-parts/image-tree.ts";

const run = promisify(execFile);

/** The words of an instruction that is written as a list, with /app where the tree is. */
function words(instruction: string, tree: string): string[] {
  const found = readDockerfile(root).findLast(({ word }) => word === instruction)?.rest ?? "";
  return (JSON.parse(found.slice(found.indexOf("["))) as string[]).map((word) => word.replace("/app", tree));
}

function dataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "caudal-data-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("the image's files are all that its processes need, and none of the tests", async (t) => {
  const tree = imageTree(t);
  assert.deepEqual(sourceFiles(tree).filter((path) => /\.test\.tsx?$|(^|\/)test-/.test(path)), []);
  const [, ...entry] = words("ENTRYPOINT", tree);
  const env = { PATH: process.env["PATH"], CAUDAL_DATA: dataFolder(t) };
  assert.match((await run(process.execPath, [...entry, ...words("CMD", tree)], { env, cwd: tree })).stdout, /collector/);
  // Makes every service on every port, the page too: nothing of theirs is missing.
  const probe = join(tree, "caudal", "probe.mjs");
  writeFileSync(probe, `
    import { silentLogger } from "@caudal/runtime";
    import { parseAllSettings } from "./composition/all-settings.ts";
    import { openFoundation } from "./composition/foundation.ts";
    import { portNames } from "./composition/ports.ts";
    import { serviceTable } from "./fleet/service-table.ts";
    for (const name of ["kafka", "redis", "mongo", "cassandra"]) await import("@caudal/" + name);
    const foundation = await openFoundation(portNames, { dataDirectory: process.env.CAUDAL_DATA, settings: parseAllSettings({ env: {} }), logger: silentLogger });
    for (const { name, make } of serviceTable) {
      await make(foundation);
      console.log(name);
    }
    await foundation.close();
  `);
  const { stdout } = await run(process.execPath, [probe], { env: { ...env, CAUDAL_DATA: dataFolder(t) }, cwd: tree });
  assert.deepEqual(stdout.trim().split("\n"), ["collector", "processor", "archiver", "analytics", "business", "compliance", "web"]);
});

test("the image's health check follows the server's readiness", async (t) => {
  const { health, port } = await serve(t);
  const [, ...check] = words("HEALTHCHECK", root);
  const exit = (at: number): Promise<number> => run(process.execPath, check, { env: { CAUDAL_HTTP: `0.0.0.0:${at}` } }).then(() => 0, (error: { code: number }) => error.code);
  assert.equal(await exit(port), 0);
  health.add("log", () => ({ status: "failing" }));
  assert.equal(await exit(port), 1);
  assert.equal(await exit(1), 1, "nobody listens");
});
