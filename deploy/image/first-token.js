// Makes an access token once and keeps it in a file, for a program that must present one: `node first-token.js NAME ROLE FILE`.
// Services that listen beyond their machine start only when there is a token, so this one runs before them.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath, URL } from "node:url";
import { promisify } from "node:util";

const READABLE_BY_ALL = 0o644;
const caudal = fileURLToPath(new URL("../../caudal/main.ts", import.meta.url));

const [name, role, file] = process.argv.slice(2);
if (name === undefined || role === undefined || file === undefined) throw new Error("usage: first-token.js NAME ROLE FILE");

if (existsSync(file) && readFileSync(file, "utf8").trim() !== "") {
  process.stdout.write(`${name} has its token in ${file}\n`);
} else {
  const { stdout } = await promisify(execFile)(process.execPath, [caudal, "tokens", "create", "--name", name, "--role", role, "--client", "all", "--json"]);
  // Another container reads it as another user; the volume is shared with that one alone.
  writeFileSync(`${file}.new`, JSON.parse(stdout).token, { mode: READABLE_BY_ALL });
  renameSync(`${file}.new`, file);
  process.stdout.write(`made the token of ${name} in ${file}\n`);
}
