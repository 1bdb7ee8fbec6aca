import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * The mark of an installation: a file beside its data that no backup carries, made when it is missing. Data that are put into another place meet another mark there, and
 * sending stays off until a person switches it on.
 */
export async function installationMark(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${path}.${randomUUID()}`;
  const file = await open(mine, "wx", 0o600);
  try {
    await file.writeFile(`${randomUUID()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Whole or not there: a mark that a crash left empty would be the same everywhere.
    await link(mine, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(mine, { force: true });
  }
  return (await readFile(path, "utf8")).trim();
}
