import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Linux counts the CPU time of processes in ticks of 10 ms. */
const TICK_US = 10_000;

/** CPU time, in microseconds, that a process of this machine has used, threads included; undefined where that cannot be known. */
export function cpuOfProcessUs(pid: number): number | undefined {
  try {
    return cpuInStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** utime + stime out of the text of /proc/PID/stat, in microseconds. */
export function cpuInStat(stat: string): number {
  // The second field is the program's name in brackets and may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** CPU time of several processes together, in microseconds; one that is gone counts nothing. */
export function cpuOfUs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (cpuOfProcessUs(pid) ?? 0), 0);
}

/** CPU time that all programs of the machine have used, and what other machines took from it, in microseconds; NaN where that cannot be known. */
export function cpuOfMachineUs(): number {
  return cpuInMachineStat(readText("/proc/stat"));
}

/** All but idle time and waiting for disks, out of the text of /proc/stat, in microseconds. */
export function cpuInMachineStat(text: string): number {
  const [user = Number.NaN, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").map(Number) ?? [];
  return (user + nice + system + interrupts + softInterrupts + stolen) * TICK_US;
}

/** Processes that listen on a TCP port of this machine; none where /proc is not there or belongs to somebody else. */
export function listeningPids(port: number): number[] {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningInodes(readText(table), port)));
  if (inodes.size === 0) return [];
  return names("/proc").filter((name) => /^\d+$/.test(name)).filter((pid) => names(`/proc/${pid}/fd`).some((descriptor) => inodes.has(socketInode(`/proc/${pid}/fd/${descriptor}`)))).map(Number);
}

/** Inodes of the sockets that listen on a port, out of the text of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").slice(1).map((line) => line.trim().split(/\s+/)).filter(([, local, , state]) => local?.endsWith(wanted) && state === "0A").map((fields) => fields[9] ?? "");
}

function socketInode(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? "";
  } catch {
    return "";
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
