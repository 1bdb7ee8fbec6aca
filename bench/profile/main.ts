import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { profileDocument } from "./document.ts";
import { profileFullPath, type FullPathProfile } from "./profile.ts";

const root = join(import.meta.dirname, "..", "..");
const kept = join(root, "regression", "performance", "profiles");
const usage = "node bench/profile/main.ts --name NAME [--points N] [--seconds N] [--root DIR] [--json]";

/** Measures where a reading's time goes, keeps it under its name beside those of before, and writes bench/PROFILES.md of all. */
let values: { name?: string; points: string; seconds: string; root: string; json: boolean };
try {
  ({ values } = parseArgs({ options: { name: { type: "string" }, points: { type: "string", default: "1000" }, seconds: { type: "string", default: "25" }, root: { type: "string", default: root }, json: { type: "boolean", default: false } } }));
  if (values.name === undefined || !/^[\w .-]+$/.test(values.name)) throw new Error("--name names the profile: letters, digits, blanks, dots and dashes");
  if (!(Number(values.points) >= 1) || !(Number(values.seconds) >= 5)) throw new Error("--points is at least 1, --seconds at least 5");
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exit(2);
}
const print = (line: string): void => void process.stderr.write(`${line}\n`);
const profile = await profileFullPath({ name: values.name ?? "", root: resolve(values.root), points: Number(values.points), seconds: Number(values.seconds), print });
mkdirSync(kept, { recursive: true });
writeFileSync(join(kept, `${profile.name.replaceAll(/[ .]+/g, "-")}.json`), `${JSON.stringify(rounded(profile), undefined, 2)}\n`);
const all = readdirSync(kept).map((file) => JSON.parse(readFileSync(join(kept, file), "utf8")) as FullPathProfile);
const document = profileDocument(all.sort((a, b) => (a.at < b.at ? -1 : 1)));
writeFileSync(join(root, "bench", "PROFILES.md"), document);
process.stdout.write(values.json ? `${JSON.stringify(profile)}\n` : document);

/** Four figures are enough to compare. */
function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_, member: unknown) => (typeof member === "number" ? Number(member.toPrecision(4)) : member))) as T;
}
