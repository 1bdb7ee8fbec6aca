import { readFile, rename, writeFile } from "node:fs/promises";

const HEAD = `# Results

Written by \`npm run bench\`; a run replaces the sections of the benchmarks that it ran. The ratio is what counts: the rates belong to the machine and to what
else it did. How each is measured stands in [the harness](harness/README.md).
`;

/** The text with these sections put in place of those of the same heading, all in the order of their names. */
export function mergeSections(text: string, sections: ReadonlyMap<string, string>): string {
  const all = new Map([...sectionsOf(text), ...sections]);
  return [HEAD, ...[...all.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, section]) => `${section.trimEnd()}\n`)].join("\n");
}

function sectionsOf(text: string): Map<string, string> {
  const found = text.split(/^(?=## )/m).filter((part) => part.startsWith("## "));
  return new Map(found.map((part) => [part.slice(3, part.indexOf("\n")).trim(), part]));
}

/** Puts the sections into the file, which may not be there yet. */
export async function writeSections(path: string, sections: ReadonlyMap<string, string>): Promise<void> {
  const before = await readFile(path, "utf8").catch(() => "");
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, mergeSections(before, sections));
  await rename(temporary, path);
}
