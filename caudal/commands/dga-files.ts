import { readFile, writeFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { CommandContext } from "../commandline/command.ts";

/** A file that was named, or standard input for `-`. Usage error where none was. */
export async function givenBytes(path: string | undefined, { say, usageError, input }: Pick<CommandContext, "say" | "usageError" | "input">): Promise<Uint8Array<ArrayBuffer>> {
  if (path === undefined) throw usageError(say("dga.file-missing"));
  return new Uint8Array(path === "-" ? await buffer(input()) : await readFile(path));
}

/** Into a file that nobody else may read, and says so; to standard output where none was named. */
export async function savedBytes(bytes: Uint8Array, path: string | undefined, { terminal, say, json }: Pick<CommandContext, "terminal" | "say" | "json">): Promise<void> {
  if (path === undefined) return terminal.line(new TextDecoder().decode(bytes).replace(/\n$/, ""));
  await writeFile(path, bytes, { mode: 0o600 });
  if (json) terminal.json({ path, bytes: bytes.length });
  else terminal.line(say("dga.saved", { path, bytes: bytes.length }));
}
