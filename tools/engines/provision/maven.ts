import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fillCache } from "./cache.ts";
import type { Cached } from "./cache.ts";
import { checkFile, checkFolder, readChecksums } from "./checksums.ts";
import { runTool } from "./run-tool.ts";

const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const missing = "Install Maven: apt-get install maven, or brew install maven.";

/** The jars of the committed `poms/<engine>/pom.xml`, in the folder `lib`; each is compared with the committed list. */
export function fetchJars(engine: string, version: string): Promise<Cached> {
  return fillCache(`${engine}-${version}`, async (folder) => {
    const lib = join(folder, "lib");
    mkdirSync(lib);
    const pom = join(import.meta.dirname, "..", "poms", engine, "pom.xml");
    const goal = `${dependencyPlugin}:copy-dependencies`;
    await runTool(["mvn", "-B", "-q", "-f", pom, goal, `-DoutputDirectory=${lib}`, "-DincludeScope=runtime"], { cwd: folder, missing });
    await checkFolder(lib, readChecksums(engine));
  });
}

/** One tar of Maven's, unpacked into the folder `app`. */
export function fetchTar(options: { engine: string; version: string; artifact: string; file: string }): Promise<Cached> {
  const { engine, version, artifact, file } = options;
  return fillCache(`${engine}-${version}`, async (folder) => {
    const app = join(folder, "app");
    mkdirSync(app);
    await runTool(["mvn", "-B", "-q", `${dependencyPlugin}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], { cwd: folder, missing });
    await checkFile(join(folder, file), readChecksums(engine));
    await runTool(["tar", "-xzf", join(folder, file), "-C", app], { cwd: folder, missing: "Install tar." });
    rmSync(join(folder, file));
  });
}
