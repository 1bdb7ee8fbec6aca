import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isTestFile, sourceFiles } from "../source-files.ts";
import { codeLines } from "./code-lines.ts";
import { ranOffsets } from "./merge.ts";
import { readReports } from "./read-reports.ts";

const notProduct = /^(contract-tests|tools|scripts|regression|bench|docs)\//;

/** Lines of code of one file, and the numbers of those that no test ran. */
export interface FileCoverage {
  readonly path: string;
  readonly lines: number;
  readonly missed: readonly number[];
}

/** Line coverage of all hand-written TypeScript that Node runs. */
export interface Coverage {
  readonly lines: number;
  readonly covered: number;
  readonly files: readonly FileCoverage[];
  /** Code of the page that only a browser runs, which Node cannot measure: files and their lines. */
  readonly browserOnly: { readonly files: number; readonly lines: number };
}

/**
 * Measures from the reports of every process of the run, children that tests started included. A file that nothing
 * loaded counts with all its lines missed, except the page's, which then runs in a browser only.
 */
export function measureCoverage(root: string, reportFolder: string): Coverage {
  const paths = sourceFiles(root).filter(isMeasured);
  const reports = readReports(reportFolder, root, new Set(paths));
  const files: FileCoverage[] = [];
  const browserOnly = { files: 0, lines: 0 };
  for (const path of paths) {
    const loaded = reports.get(path);
    const source = readFileSync(join(root, path), "utf8");
    if (path.endsWith(".tsx") || (path.startsWith("web/browser/") && !loaded)) {
      browserOnly.files += 1;
      browserOnly.lines += source.split("\n").filter((line) => line.trim() !== "").length;
      continue;
    }
    const lines = codeLines(source);
    const ran = ranOffsets(loaded ?? [], source.length);
    const missed = lines.filter(({ start, end }) => !ran.subarray(start, end).includes(1)).map(({ number }) => number);
    files.push({ path, lines: lines.length, missed });
  }
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const missed = files.reduce((sum, file) => sum + file.missed.length, 0);
  return { lines, covered: lines - missed, files, browserOnly };
}

/** The product's own code, the launcher with it: no tests, contract suites, benchmarks, tour chapters or tools. */
function isMeasured(path: string): boolean {
  if (path.startsWith("scripts/launcher/")) return path.endsWith(".js");
  return /\.tsx?$/.test(path) && !isTestFile(path) && !path.endsWith(".d.ts") && !notProduct.test(path);
}
