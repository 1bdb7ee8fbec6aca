import { createWriteStream } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { TextKey } from "@caudal/runtime";
import type { Findings } from "@caudal/verifier";
import { CommandFailure } from "../commandline/command-failure.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { plain } from "../commandline/plain.ts";
import { COMPLIANCE, namedInstant, namedWork } from "./dga-named.ts";

/** A pack of three years is read from every store. */
const PACK_MS = 3_600_000;

/** Saves the evidence of one work, as it comes: a pack of any length takes no memory. */
export const auditPack: Command = {
  name: "audit pack",
  usage: "--work WORK --from TIME --to TIME [--out FILE]",
  spec: { values: ["--work", "--from", "--to", "--out"] },
  async run(context) {
    const { api, say, json, terminal, usageError, arguments: { flags: { "--work": name, "--from": from, "--to": to, "--out": out } } } = context;
    if (name === undefined || from === undefined || to === undefined) throw usageError(say("audit.nothing-named"));
    const { work } = namedWork(name, context);
    const path = out ?? `${work.replaceAll("/", "-")}-evidence.zip`;
    const query = new URLSearchParams({ work, from: namedInstant(from, context), to: namedInstant(to, context) });
    const response = await api().stream(`${COMPLIANCE}/evidence?${query}`, AbortSignal.timeout(PACK_MS));
    const bytes = await savedStream(response.body ?? new ReadableStream(), path, context);
    if (json) terminal.json({ path, bytes });
    else terminal.line(say("dga.saved", { path, bytes }));
    return exitCodes.ok;
  },
};

/** Into a file that nobody else may read, and that has its name only once it is whole; says how many bytes. */
async function savedStream(body: ReadableStream<Uint8Array>, path: string, { terminal, say }: Pick<CommandContext, "terminal" | "say">): Promise<number> {
  const part = `${path}.part`;
  const startedMs = performance.now();
  let bytes = 0;
  try {
    await pipeline(body, async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        terminal.status(say("audit.saving", { mib: (bytes / 2 ** 20).toFixed(1), rate: (bytes / 2 ** 20 / Math.max(0.001, (performance.now() - startedMs) / 1000)).toFixed(1) }));
        yield chunk;
      }
    }, createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
    return bytes;
  } catch (cause) {
    await rm(part, { force: true });
    if (cause instanceof Error && "path" in cause) throw cause;
    throw new CommandFailure("unavailable", say("audit.cut"), { next: say("audit.cut.next"), cause });
  } finally {
    terminal.status("");
  }
}

/** Needs no installation: it reads the evidence alone, with the verifier, which shares no code with what wrote it. Exit code 1 when something is not as it was written. */
export const auditVerify: Command = {
  name: "audit verify",
  usage: "FILE.zip|FOLDER [--key BASE64]",
  spec: { values: ["--key"], words: 1 },
  async run(context) {
    const { json, terminal, say, usageError, arguments: { positionals: [path], flags } } = context;
    if (path === undefined) throw usageError(say("audit.file-missing"));
    const { verifyFolder, verifyPack } = await import("@caudal/verifier");
    const options = { key: flags["--key"] };
    const found = (await stat(path)).isDirectory() ? verifyFolder(path, options) : verifyPack(new Uint8Array(await readFile(path)), options);
    if (json) terminal.json(found);
    else print(found, { terminal, say });
    return found.ok ? exitCodes.ok : exitCodes.finding;
  },
};

function print({ ok, findings, more, notes, works, roots, files }: Findings, { terminal, say }: Pick<Parameters<Command["run"]>[0], "terminal" | "say">): void {
  for (const { fault, file, line, seq, slot, detail } of findings) {
    const where = [file, ...(line === undefined ? [] : [say("dga.line", { line })]), ...(seq === undefined ? [] : [`seq ${seq}`]), ...(slot === undefined ? [] : [slot])].join(" ");
    terminal.line(terminal.paint("red", `✗ ${fault}  ${plain(where)}: ${plain(detail)}`));
  }
  if (more) terminal.line(say("audit.more"));
  terminal.table(works.map(({ work, from, to, entries, signedThrough, slots, accepted }) => [`  ${work}`, `${from} – ${to}`, say("audit.work", { entries, signed: signedThrough, slots, accepted })]));
  for (const note of notes) terminal.line(terminal.paint("yellow", `  ${note in noteTexts ? say(noteTexts[note as keyof typeof noteTexts]) : note}`));
  terminal.line(ok ? terminal.paint("green", say("audit.whole", { files, roots })) : terminal.paint("red", say("audit.broken", { count: findings.length })));
}

/** What is right but proves less than one may think. */
const noteTexts = { "no-roots": "audit.note.no-roots", "unsigned-tail": "audit.note.unsigned-tail", "key-not-given": "audit.note.key-not-given" } as const satisfies Record<string, TextKey>;
