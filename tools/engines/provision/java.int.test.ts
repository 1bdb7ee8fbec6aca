import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findJava, javaMajor, javaOptions } from "./java.ts";

test("the major version is read from what every Java prints", () => {
  assert.equal(javaMajor('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment'), 17);
  assert.equal(javaMajor('openjdk version "21" 2023-09-19'), 21);
  assert.equal(javaMajor('java version "1.8.0_392"'), 8);
  assert.equal(javaMajor("command not found"), undefined);
});

test("a benchmark lets Java compile fully, a test does not", () => {
  const quick = javaOptions({ heapMb: 512, jit: "quick", temporary: "/tmp/t" });
  assert.ok(quick.includes("-Xmx512m") && quick.includes("-Djava.io.tmpdir=/tmp/t"));
  assert.deepEqual(quick.filter((option) => !javaOptions({ heapMb: 512, jit: "full", temporary: "/tmp/t" }).includes(option)), ["-XX:TieredStopAtLevel=1"]);
});

test("an old Java in JAVA_HOME is refused with the next step, a new one is taken", { skip: process.platform === "win32" ? "Java is played by a shell script" : false }, () => {
  const home = mkdtempSync(join(tmpdir(), "caudal-java-"));
  const kept = process.env["JAVA_HOME"];
  const java = join(home, "bin", "java");
  mkdirSync(join(home, "bin"));
  const play = (version: string) => {
    writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
    chmodSync(java, 0o755);
  };
  try {
    process.env["JAVA_HOME"] = home;
    play("11.0.2");
    assert.throws(() => findJava(), /is Java 11\. Install Java 17 \(apt-get install openjdk-17-jre-headless\), or set JAVA_HOME/);
    play("17.0.15");
    assert.equal(findJava(), java);
  } finally {
    if (kept === undefined) delete process.env["JAVA_HOME"];
    else process.env["JAVA_HOME"] = kept;
    rmSync(home, { recursive: true, force: true });
  }
});
