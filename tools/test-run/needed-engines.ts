import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engineNames } from "../engines/engine.ts";
import type { EngineName } from "../engines/engine.ts";

const takesEngine = /from "[./]*(tools\/|\.\/|\.\.\/)engines\/(for-tests|start)\.ts"|from "\.\/(for-tests|start)\.ts"/;

/** The engines that these test files name, told by their text alone: running a file to ask would cost what is to be saved. */
export function neededEngines(root: string, files: readonly string[]): EngineName[] {
  const named = new Set(files.flatMap((file) => enginesIn(readFileSync(join(root, file), "utf8"))));
  return engineNames.filter((name) => named.has(name));
}

/** Files that run a whole installation on the engines, each for a minute or more: four engines or more in one file. */
export function wholeInstallations(root: string, files: readonly string[]): string[] {
  return files.filter((file) => enginesIn(readFileSync(join(root, file), "utf8")).length >= 4);
}

/** All engines for a file that takes them and names none by itself, or names those of a whole installation. */
export function enginesIn(text: string): readonly EngineName[] {
  if (!takesEngine.test(text)) return [];
  const named = text.includes("installationEngines") ? engineNames : engineNames.filter((name) => text.includes(`"${name}"`));
  return named.length > 0 ? named : engineNames;
}
