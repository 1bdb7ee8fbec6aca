import type { Coverage } from "../coverage/measure.ts";

/** Below this share of covered lines the run fails. */
export const requiredPercent = 90;
const namedFiles = 15;
const namedLines = 60;

/** The covered share of all lines, in percent. */
export function percent({ lines, covered }: { lines: number; covered: number }): number {
  return lines === 0 ? 100 : (100 * covered) / lines;
}

/** Coverage in words: by folder, then the files with most lines missed. */
export function coverageLines(coverage: Coverage): string[] {
  const worst = coverage.files.filter(({ missed }) => missed.length > 0).toSorted((a, b) => b.missed.length - a.missed.length);
  return [
    ...folderLines(coverage),
    ...worst.slice(0, namedFiles).map(({ path, lines, missed }) =>
      `  ${path}: ${missed.length} of ${lines} lines not run: ${ranges(missed)}`),
    `  not measured: ${coverage.browserOnly.files} files of the page (${coverage.browserOnly.lines} lines) that only a browser runs`,
    `line coverage ${percent(coverage).toFixed(2)} % (${coverage.covered} of ${coverage.lines} lines of hand-written code)`,
  ];
}

function folderLines({ files }: Coverage): string[] {
  const folders = new Map<string, { lines: number; covered: number }>();
  for (const { path, lines, missed } of files) {
    const folder = /^(adapters|examples)\/[^/]+|^[^/]+/.exec(path)?.[0] ?? path;
    const sum = folders.get(folder) ?? { lines: 0, covered: 0 };
    folders.set(folder, { lines: sum.lines + lines, covered: sum.covered + lines - missed.length });
  }
  return [...folders].map(([folder, sum]) => `  ${percent(sum).toFixed(1).padStart(5)} %  ${folder} (${sum.lines} lines)`);
}

/** `3-5, 9` for 3, 4, 5 and 9. */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && number <= last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  const text = parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
  return text.length > namedLines ? `${text.slice(0, namedLines)} …` : text;
}
