import { readdirSync, readFileSync } from "node:fs";
import { cpuInStat } from "./process-cpu.ts";

/** Names that Node gives its threads, and what they do. */
const named: Readonly<Record<string, string>> = { MainThread: "main", node: "main", V8Worker: "V8 (collecting garbage, compiling)", WorkerThread: "the stores' workers", "libuv-worker": "libuv" };

/** CPU time, in microseconds, that a process has used so far, by what its threads do. None where that cannot be known. */
export function cpuByThreadUs(pid: number): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const stat of statsOf(`/proc/${pid}/task`)) {
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const what = named[name] ?? "others";
    used.set(what, (used.get(what) ?? 0) + cpuInStat(stat));
  }
  return used;
}

/** What was used between two looks. */
export function usedBetween(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...after].map(([what, us]) => [what, us - (before.get(what) ?? 0)]));
}

function statsOf(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((task) => {
      try {
        return [readFileSync(`${folder}/${task}/stat`, "utf8")];
      } catch {
        // A thread that ended meanwhile.
        return [];
      }
    });
  } catch {
    return [];
  }
}
