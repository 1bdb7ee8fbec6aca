import { delimiter, join } from "node:path";
import { firstExecutable } from "../../executable.ts";

/** Where servers are installed that a user's PATH often leaves out. */
const moreFolders = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/sbin"];

/** The program of this name on the PATH or where servers are usually put. */
export function onPath(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""), ...moreFolders];
  return firstExecutable(folders.map((folder) => join(folder, name)));
}
