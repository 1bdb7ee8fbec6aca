import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Finding, Findings } from "./finding.ts";
import { verifyFolder, verifyPack } from "./verify.ts";

const USAGE = `node verifier/main.ts FILE.zip|FOLDER [--key BASE64] [--json]

Checks an evidence pack of Caudal offline: hashes, chains, slots, vouchers, signed roots.
--key    public key (base64 of SPKI DER) that the daily roots must be signed with
--json   findings as JSON
Exit code: 0 all is as it was written, 1 something is not, 2 wrongly asked.
`;

/** What a note means for whoever reads it. */
const noteTexts: Readonly<Record<string, string>> = {
  "no-roots": "the pack has no signed root: the chain fits itself, and nobody signed it",
  "unsigned-tail": "the newest entries are under no root yet: roots are signed once a day",
  "key-not-given": "no --key was given: roots were held against the key that the pack brings along, which proves that they fit it and not who signed",
};

/** Runs the program; its exit code. */
export function run(argv: readonly string[], { out, error }: { readonly out: (text: string) => void; readonly error: (text: string) => void }): number {
  let asked: { readonly path: string; readonly key: string | undefined; readonly json: boolean };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: { key: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } }, allowPositionals: true });
    if (values.help === true) {
      out(USAGE);
      return 0;
    }
    const [path] = positionals;
    if (path === undefined || positionals.length > 1) throw new TypeError("one pack is expected");
    asked = { path, key: values.key, json: values.json === true };
  } catch (cause) {
    error(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`);
    return 2;
  }
  let found: Findings;
  try {
    const { path, key } = asked;
    found = statSync(path).isDirectory() ? verifyFolder(path, { key }) : verifyPack(readFileSync(path), { key });
  } catch (cause) {
    error(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 2;
  }
  if (asked.json) out(`${JSON.stringify(found)}\n`);
  else print(found, out);
  return found.ok ? 0 : 1;
}

function print({ ok, findings, more, notes, works, files, roots }: Findings, out: (text: string) => void): void {
  for (const { work, from, to, entries, signedThrough, slots, accepted } of works) out(`${work}  ${from} to ${to}: ${slots} slots, ${accepted} accepted; ${entries} entries, signed through ${signedThrough}\n`);
  for (const finding of findings) out(`${placeOf(finding)}: ${finding.fault}: ${finding.detail}\n`);
  if (more) out("... and more\n");
  for (const note of notes) out(`note: ${noteTexts[note] ?? note}\n`);
  out(ok ? `all is as it was written: ${files} files, ${roots} roots\n` : `${findings.length} findings\n`);
}

function placeOf({ file, line, seq, slot }: Finding): string {
  return [file, line === undefined ? "" : `line ${line}`, seq === undefined ? "" : `entry ${seq}`, slot === undefined ? "" : `slot ${slot}`].filter((part) => part !== "").join(", ");
}

if (import.meta.main) process.exitCode = run(process.argv.slice(2), { out: (text) => process.stdout.write(text), error: (text) => process.stderr.write(text) });
