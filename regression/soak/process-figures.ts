import { readdirSync, readFileSync } from "node:fs";

const BYTES_PER_KB = 1024;

/** What the kernel says of a process: resident memory in bytes, and files, sockets and pipes that it has open. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly handles: number;
}

/** Fails where the process is gone, or on a system without /proc. */
export function processFigures(pid: number): ProcessFigures {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`the kernel says nothing of the memory of process ${pid}`);
  return { residentBytes: Number(kilobytes) * BYTES_PER_KB, handles: readdirSync(`/proc/${pid}/fd`).length };
}
