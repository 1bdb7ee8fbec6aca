import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { EngineFailure } from "../failure.ts";
import { fillCache } from "./cache.ts";
import type { Cached } from "./cache.ts";
import { runTool } from "./run-tool.ts";

/**
 * A Debian package and what it needs beside what is installed, unpacked into a folder without root: apt works on lists
 * and archives of its own there, compares them with the signatures that this system trusts, and only downloads.
 */
export function fetchDebian(options: { cacheName: string; name: string }): Promise<Cached> {
  const missing = `Install ${options.name} so that it is on the PATH.`;
  return fillCache(options.cacheName, async (folder) => {
    if (process.platform !== "linux") throw new EngineFailure(`${options.name} was not found.`, missing);
    const apt = join(folder, "apt");
    for (const path of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(apt, path), { recursive: true });
    const own = [
      "-o", `Dir::State::Lists=${join(apt, "lists")}`, "-o", `Dir::Cache=${join(apt, "cache")}`,
      "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=", "-q",
    ];
    await runTool(["apt-get", ...own, "update"], { cwd: folder, missing });
    await runTool(["apt-get", ...own, "-y", "--download-only", "--no-install-recommends", "install", options.name], { cwd: folder, missing });
    const archives = join(apt, "cache", "archives");
    for (const deb of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
      await runTool(["dpkg", "-x", join(archives, deb), folder], { cwd: folder, missing });
    }
    rmSync(apt, { recursive: true });
  });
}
