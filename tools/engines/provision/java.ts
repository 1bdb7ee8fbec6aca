import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { firstExecutable } from "../../executable.ts";
import { EngineFailure } from "../failure.ts";
import type { Jit } from "../server.ts";
import { onPath } from "./on-path.ts";

const oldest = 17;
const advice = "Install Java 17 (apt-get install openjdk-17-jre-headless), or set JAVA_HOME to one.";

/** The `java` of JAVA_HOME, else of the PATH; throws when there is none or it is older than 17. */
export function findJava(): string {
  const home = process.env["JAVA_HOME"];
  const java = (home ? firstExecutable([join(home, "bin", "java")]) : undefined) ?? onPath("java");
  if (java === undefined) throw new EngineFailure("Java was not found.", advice);
  const { stderr, stdout } = spawnSync(java, ["-version"], { encoding: "utf8" });
  const major = javaMajor(`${stderr}${stdout}`);
  if (major === undefined || major < oldest) throw new EngineFailure(`${java} is Java ${major ?? "of an unknown version"}.`, advice);
  return java;
}

/** 17 of `openjdk version "17.0.15"`, 8 of `java version "1.8.0_392"`. */
export function javaMajor(printed: string): number | undefined {
  const version = /version "(?:1\.)?(\d+)/.exec(printed)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** What every Java server is started with: little memory held, one collector thread. */
export function javaOptions(options: { heapMb: number; jit: Jit; temporary: string }): string[] {
  const { heapMb, jit, temporary } = options;
  const quick = jit === "quick" ? ["-XX:TieredStopAtLevel=1"] : [];
  return ["-Xms128m", `-Xmx${heapMb}m`, "-XX:+UseSerialGC", ...quick, `-Djava.io.tmpdir=${temporary}`];
}
