import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { atLeast, runsCaudal } from "./node-version.js";
import { installLine, nodePackage, oldestNode, platforms, readSizes, thisPlatform } from "./platforms.js";
import { lockedPackagesHash } from "../locked-packages.js";
import { cloneRoot } from "./setup.js";

const sizes = readSizes(cloneRoot());

test("the measured sizes are those of the pinned Node versions and of this package-lock.json", () => {
  const now = lockedPackagesHash(readFileSync(join(cloneRoot(), "package-lock.json"), "utf8"));
  assert.equal(sizes.measuredFrom, now, "package-lock.json downloads something else now: run node scripts/measure-download.js");
  for (const platform of platforms) {
    const { name, version } = nodePackage(platform) ?? assert.fail(platform);
    const measured = sizes.node[platform];
    assert.deepEqual({ name: measured.name, version: measured.version }, { name, version });
    assert.match(measured.integrity, /^sha512-/);
    for (const bytes of [measured, sizes.packages.runtime[platform], sizes.packages.full[platform]]) {
      assert.ok(bytes.packedBytes > 1e6, `${platform} is measured`);
    }
  }
});

test("every pinned Node is exact and new enough to run Caudal", () => {
  for (const platform of platforms) {
    const { version } = nodePackage(platform) ?? assert.fail(platform);
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.ok(runsCaudal(`v${version}`), platform);
  }
});

test("versions compare by number, not by text", () => {
  assert.ok(atLeast("v24.10.0", [24, 9, 0]));
  assert.ok(!atLeast("v24.9.9", [24, 10, 0]));
  assert.ok(atLeast("v26.0.0", [24, 10, 3]));
  assert.ok(!atLeast("v20.20.2", [24, 0, 0]));
  assert.ok(atLeast(`v${oldestNode.join(".")}`, oldestNode));
});

test("this machine has a name, and each without a package has an install line of its own", () => {
  assert.match(thisPlatform(), /^[a-z0-9]+-[a-z0-9]+(-musl)?$/);
  assert.equal(nodePackage("linux-x64-musl"), undefined);
  const lines = ["linux-x64-musl", "freebsd-x64", "openbsd-x64", "win32-ia32", "darwin-ppc", "linux-riscv64"].map(installLine);
  assert.equal(new Set(lines).size, lines.length);
});
