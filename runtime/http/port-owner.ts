import { readdir, readFile, readlink } from "node:fs/promises";

const LISTENING = "0A";

/** Process id of whoever listens at the TCP port, where /proc tells (Linux, own processes or root); undefined elsewhere. */
export async function portOwner(port: number): Promise<number | undefined> {
  const inodes = new Set((await Promise.all([socketsAt("/proc/net/tcp", port), socketsAt("/proc/net/tcp6", port)])).flat());
  if (inodes.size === 0) return undefined;
  const wanted = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  for (const pid of (await listed("/proc")).filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of await listed(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (wanted.has(target)) return Number(pid);
    }
  }
  return undefined;
}

async function socketsAt(table: string, port: number): Promise<string[]> {
  const text = await readFile(table, "utf8").catch(() => "");
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return text.split("\n").slice(1).map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTENING)
    .map((fields) => fields[9])
    .filter((inode) => inode !== undefined);
}

async function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
