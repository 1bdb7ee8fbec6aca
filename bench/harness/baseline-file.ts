import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseBaseline, type Baseline } from "./baseline.ts";

/** Where baselines lie, a file a benchmark. */
export const baselineFolder = join(import.meta.dirname, "..", "..", "regression", "performance");

/** Undefined where none was kept. Throws on one that cannot be read. */
export async function readBaseline(benchmark: string, folder = baselineFolder): Promise<Baseline | undefined> {
  const path = join(folder, `${benchmark}.json`);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const baseline = parseBaseline(text);
    if (baseline.benchmark !== benchmark) throw new Error(`it is of ${baseline.benchmark}`);
    return baseline;
  } catch (error) {
    throw new Error(`${path} is no baseline: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** All that were kept, in the order of their names. */
export async function readBaselines(folder = baselineFolder): Promise<readonly Baseline[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  const all = await Promise.all(names.sort().map((name) => readBaseline(name, folder)));
  return all.filter((baseline) => baseline !== undefined);
}

/** Puts it in the place of the one before. */
export async function keepBaseline(baseline: Baseline, folder = baselineFolder): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${baseline.benchmark}.json`);
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(baseline, null, 2)}\n`);
  await rename(temporary, path);
}
