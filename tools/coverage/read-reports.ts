import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ScriptCoverage } from "./merge.ts";

/**
 * What each process of a run wrote into its NODE_V8_COVERAGE folder, by path below `root`; other files are left out. A
 * report that a killed process left unfinished is passed over.
 */
export function readReports(folder: string, root: string, wanted: ReadonlySet<string>): Map<string, ScriptCoverage[]> {
  const prefix = `${pathToFileURL(root).href.replace(/\/$/, "")}/`;
  const byPath = new Map<string, ScriptCoverage[]>();
  for (const name of readdirSync(folder).filter((each) => each.startsWith("coverage-"))) {
    for (const script of parse(join(folder, name))) {
      if (!script.url.startsWith(prefix)) continue;
      const path = decodeURI(script.url.slice(prefix.length)).replace(/[?#].*$/, "");
      if (!wanted.has(path)) continue;
      byPath.set(path, [...(byPath.get(path) ?? []), script]);
    }
  }
  return byPath;
}

function parse(path: string): readonly ScriptCoverage[] {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { result: ScriptCoverage[] }).result;
  } catch {
    return [];
  }
}
