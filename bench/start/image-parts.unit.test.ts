import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { copiedPaths, installedFor, isLeftOut, leftOutEverywhere, type LockedPackage } from "./image-parts.ts";

const file = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

suite("what an image holds", () => {
  test("is what its last stage copies from the clone", () => {
    const dockerfile = "FROM node AS packages\nCOPY package.json .\nRUN npm ci\n\nFROM node\nCOPY --from=packages /app/node_modules node_modules\nCOPY a b ./\nCOPY core core\nRUN true\n";
    assert.deepEqual(copiedPaths(dockerfile), ["a", "b", "core"]);
    const ours = copiedPaths(file("Dockerfile"));
    for (const path of ["caudal", "core", "adapters", "web", "LICENSE"]) assert.ok(ours.includes(path), path);
    assert.ok(!ours.includes("bench"));
  });

  test("leaves out tests and fixtures wherever they lie", () => {
    const patterns = leftOutEverywhere(file(".dockerignore"));
    for (const path of ["core/a/b.unit.test.ts", "web/test-server/axe.ts", "caudal/test-parts", "adapters/mongo/test-gate.ts"]) {
      assert.equal(path.split("/").some((_, index, parts) => isLeftOut(parts.slice(0, index + 1).join("/"), patterns)), true, path);
    }
    for (const path of ["core/a/b.ts", "caudal/main.ts", "web/browser/latest.ts"]) assert.equal(isLeftOut(path, patterns), false, path);
  });

  test("has the packages of a workspace and theirs, the nearest of each name, through links, and no others", () => {
    const packages = {
      "": {}, app: { dependencies: { "@x/core": "1", a: "1" }, optionalDependencies: { other: "1" } }, core: { dependencies: { b: "2" } }, "core/node_modules/b": {}, tool: { dependencies: { c: "1" } },
      "node_modules/@x/core": { resolved: "core", link: true }, "node_modules/a": { dependencies: { b: "1" } }, "node_modules/a/node_modules/b": { dependencies: { d: "1" } }, "node_modules/b": {}, "node_modules/c": {}, "node_modules/d": { peerDependencies: { nobody: "1" } },
    };
    assert.deepEqual(installedFor("app", packages), ["core/node_modules/b", "node_modules/a", "node_modules/a/node_modules/b", "node_modules/d"]);
  });

  test("of the product, packages of development stay out", () => {
    const { packages } = JSON.parse(file("package-lock.json")) as { packages: Record<string, LockedPackage & { dev?: boolean }> };
    const installed = installedFor("caudal", packages);
    assert.ok(installed.includes("node_modules/express") && installed.includes("node_modules/kafkajs"));
    assert.deepEqual(installed.filter((path) => packages[path]?.dev === true), []);
    assert.ok(!installed.includes("node_modules/eslint") && !installed.includes("node_modules/typescript"));
  });
});
