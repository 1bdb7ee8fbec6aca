import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * A process that is told apart from a later one with the same pid by when it started: pid files outlive processes, and
 * a pid that was used again belongs to somebody else.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form this system tells it; only compared. */
  readonly started: string;
}

/** What runs under this pid now; undefined when nothing does, or only what its parent has not collected yet. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === "linux" ? startedOnLinux(pid) : startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether that very process still runs. */
export function runs({ pid, started }: ProcessIdentity): boolean {
  return identify(pid)?.started === started;
}

/** Whether all that runs in the process was made to stand: a signal's sender goes on before its threads are reached. */
export function isPaused(pid: number): boolean {
  if (process.platform !== "linux") return ps(pid, "state")?.startsWith("T") === true;
  const threads = names(`/proc/${pid}/task`).map((thread) => read(`/proc/${pid}/task/${thread}/stat`));
  return threads.length > 0 && threads.every((stat) => stat === undefined || fieldsOf(stat)[0] === "T");
}

/** Memory that the process holds, in megabytes (10^6); undefined where this system does not tell. */
export function residentMb(pid: number): number | undefined {
  const kilobytes = process.platform === "linux" ? /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] : ps(pid, "rss");
  return kilobytes === undefined ? undefined : Math.round((Number(kilobytes) * 1024) / 1e6);
}

/** Clock ticks since the boot, with the boot they count from. */
function startedOnLinux(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = fieldsOf(stat);
  // The first thread of a process that was killed may be gone before the others, who hold its port and its files until they are.
  if ((fields[0] === "Z" && Number(fields[17]) <= 1) || fields[0] === "X") return undefined;
  return `${read("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}:${fields[19]}`;
}

/** The command's name stands in brackets and may hold blanks; fields are counted behind it, the state being the first. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function startedByPs(pid: number): string | undefined {
  const [state, ...started] = (ps(pid, "state,lstart") ?? "Z").split(/\s+/);
  return state?.startsWith("Z") ? undefined : started.join(" ");
}

function ps(pid: number, fields: string): string | undefined {
  try {
    return execFileSync("ps", ["-o", `${fields.split(",").map((field) => `${field}=`).join(",")}`, "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
