import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const LOOK_EVERY_MS = 500;

/** Waits until no other run of the benchmarks measures on this machine: two would measure each other. Resolves with what lets the next one in. */
export async function waitForTurn(print: (line: string) => void, path: string = join(tmpdir(), "caudal-bench.pid")): Promise<() => Promise<void>> {
  let told = false;
  for (;;) {
    const taken = await writeFile(path, String(process.pid), { flag: "wx" }).then(() => true, (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return false;
    });
    if (taken) return () => rm(path, { force: true });
    const holder = Number(await readFile(path, "utf8").catch(() => "0"));
    // An empty file is one that is being written this very moment.
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
    else if (!told) print(`waiting: another run of the benchmarks measures on this machine (process ${holder})`);
    told = true;
    await wait(LOOK_EVERY_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
