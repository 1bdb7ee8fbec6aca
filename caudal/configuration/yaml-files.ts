import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailure } from "../commandline/command-failure.ts";
import type { CliText } from "../commandline/say.ts";

/** One document of YAML as it stands in a file. */
export interface DocumentText {
  readonly file: string;
  /** Line of the file that it begins on, from 1. */
  readonly line: number;
  readonly text: string;
}

export interface GivenFiles {
  readonly files: readonly string[];
  /** A folder was named: what the installation has of the clients in it and the files do not is a difference. */
  readonly isWhole: boolean;
}

const MAX_FILES = 200_000;
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Files behind the words: a file is itself, a folder is its YAML files at any depth, in order. CommandFailure where there is none. */
export async function givenFiles(words: readonly string[], say: CliText): Promise<GivenFiles> {
  const files: string[] = [];
  let isWhole = false;
  for (const word of words) {
    const found = await stat(word).catch((cause: unknown) => {
      throw new CommandFailure("not-found", say("config.no-file", { path: word }), { next: say("config.no-file.next"), cause });
    });
    if (!found.isDirectory()) files.push(word);
    else {
      isWhole = true;
      files.push(...await below(word));
    }
  }
  if (files.length === 0) throw new CommandFailure("not-found", say("config.no-yaml", { path: words.join(" ") }), { next: say("config.no-file.next") });
  if (files.length > MAX_FILES) throw new CommandFailure("too-large", say("config.too-many-files", { most: MAX_FILES }));
  return { files: [...new Set(files)], isWhole };
}

async function below(folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...await below(path));
    else if (/\.ya?ml$/.test(entry.name)) found.push(path);
  }
  return found;
}

/** The documents of a file, split where YAML splits them, so that each is read alone. Empty ones and those of comments or directives alone are left out. */
export async function documentsOf(file: string, say: CliText): Promise<readonly DocumentText[]> {
  const { size } = await stat(file);
  if (size > MAX_FILE_BYTES) throw new CommandFailure("too-large", say("config.too-large", { path: file, most: MAX_FILE_BYTES }));
  const documents: DocumentText[] = [];
  let from = 0;
  const lines = (await readFile(file, "utf8")).split(/\r?\n/);
  for (const [at, line] of [...lines, "---"].entries()) {
    if (!/^(---|\.\.\.)(\s|$)/.test(line)) continue;
    const part = lines.slice(from, at);
    if (part.some((each) => !/^\s*(#.*)?$|^%/.test(each))) documents.push({ file, line: from + 1, text: part.join("\n") });
    from = at + 1;
  }
  return documents;
}
