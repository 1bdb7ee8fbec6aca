import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ScrubView } from "@caudal/archiver";
import { CaudalError } from "@caudal/core";
import type { CommandContext } from "../commandline/command.ts";
import type { Finding } from "./finding.ts";

/** What is known to be damaged: by the running installation's background check, or by a look at the files where none runs. */
export async function examineStored(context: CommandContext): Promise<readonly Finding[]> {
  return context.reachable ? asked(context) : looked(context);
}

async function asked({ api, say }: CommandContext): Promise<readonly Finding[]> {
  try {
    const { damages, endedAt } = await api().get<ScrubView>("/api/v1/archiver/scrub");
    if (damages.length === 0) return [{ check: "stored", ok: true, text: say("doctor.scrubbed", { at: endedAt ?? "-" }) }];
    return damages.map(({ store, place, detail }) => ({ check: "stored", ok: false, text: say("doctor.damage", { store, place, detail }) }));
  } catch (error) {
    // One that does not answer, or not to this caller, is told of by the installation's own examination.
    if (error instanceof CaudalError) return [];
    throw error;
  }
}

async function looked({ dataDirectory, say }: CommandContext): Promise<readonly Finding[]> {
  if (!existsSync(join(dataDirectory, "log"))) return [];
  const { checkDataFolder, lockDataFolder } = await import("@caudal/embedded");
  let lock: Awaited<ReturnType<typeof lockDataFolder>>;
  try {
    lock = await lockDataFolder(dataDirectory);
  } catch (error) {
    // Somebody works on it who does not answer: the files are theirs.
    if (error instanceof CaudalError && error.code === "in-use") return [];
    throw error;
  }
  try {
    const files = checkDataFolder(dataDirectory);
    const damaged = files.filter(({ problems }) => problems.length > 0);
    if (damaged.length === 0) return files.length === 0 ? [] : [{ check: "stored", ok: true, text: say("doctor.files", { count: files.length }) }];
    return damaged.flatMap(({ store, path, problems }) => problems.map((detail) => ({ check: "stored", ok: false, text: say("doctor.damage", { store, place: path, detail }) })));
  } finally {
    await lock.release();
  }
}
