import { readFile, rename, writeFile } from "node:fs/promises";

/** Says who holds a data folder, for the text of an error only; the lock itself is the operating system's. */
interface Owner {
  readonly pid: number;
  /** When the process started, as the kernel counts it; null where that cannot be asked. */
  readonly startedAt: string | null;
}

export async function writeOwner(path: string): Promise<void> {
  const owner: Owner = { pid: process.pid, startedAt: await startOf(process.pid) };
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(owner)}\n`);
  await rename(draft, path);
}

/** Pid in the file when that very process still runs; a pid that went to another process since does not count. */
export async function readLiveOwner(path: string): Promise<number | undefined> {
  const owner = await readOwner(path);
  if (owner === undefined || !isRunning(owner.pid)) return undefined;
  return owner.startedAt === (await startOf(owner.pid)) ? owner.pid : undefined;
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const { pid, startedAt } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return undefined;
    return { pid, startedAt: typeof startedAt === "string" ? startedAt : null };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Clock ticks from boot to the process's start (Linux, field 22 of stat; the name before it may hold spaces and brackets). */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
