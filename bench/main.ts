import { writeFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { holdAgainst } from "./harness/against-report.ts";
import { baselineOf } from "./harness/baseline.ts";
import { keepBaseline, readBaseline, readBaselines } from "./harness/baseline-file.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { waitForTurn } from "./harness/one-at-a-time.ts";
import { readOptions, usage, type BenchOptions } from "./harness/options.ts";
import { keepsLimits, renderSection, type BenchmarkReport } from "./harness/report.ts";
import { writeSections } from "./harness/results-file.ts";
import { runBenchmark } from "./harness/run.ts";
import { engineAdvice, Servers } from "./harness/servers.ts";
import { renderTargets } from "./harness/targets.ts";

const results = join(import.meta.dirname, "RESULTS.md");

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Every benchmark whose file can be loaded, by name; a file that cannot is told and counts as missed. */
async function loadBenchmarks(broken: string[]): Promise<Map<string, Benchmark>> {
  const files = globSync("*/*.bench.ts", { cwd: import.meta.dirname }).sort();
  const found = new Map<string, Benchmark>();
  for (const file of files) {
    try {
      const { benchmark } = (await import(pathToFileURL(join(import.meta.dirname, file)).href)) as { benchmark?: Benchmark };
      if (benchmark === undefined) throw new Error("it exports no `benchmark`");
      if (found.has(benchmark.name)) throw new Error(`the name "${benchmark.name}" is taken`);
      found.set(benchmark.name, benchmark);
    } catch (error) {
      broken.push(`bench/${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A name asks for its benchmark, or for the family of those that begin with it. */
function isAsked(name: string, asked: string): boolean {
  return name === asked || name.startsWith(`${asked}-`);
}

/** Prints the run beside its baseline where there is one; true unless something is worse. */
async function isAsGood(report: BenchmarkReport): Promise<boolean> {
  const baseline = await readBaseline(report.name);
  if (baseline === undefined) {
    print(`no baseline of ${report.name}: npm run bench -- ${report.name} --keep`);
    return true;
  }
  const { text, worse } = holdAgainst(report, baseline);
  print(text);
  return worse === 0;
}

async function writeTargets(): Promise<void> {
  await writeSections(results, new Map([["Targets", renderTargets(await readBaselines())]]));
}

async function runAll({ names, seconds, json, compare, keep }: BenchOptions, all: ReadonlyMap<string, Benchmark>, servers: Servers): Promise<boolean> {
  const chosen = [...all.values()].filter(({ name, onlyByName }) => (names.length === 0 ? onlyByName !== true : names.some((asked) => isAsked(name, asked))));
  const reports: BenchmarkReport[] = [];
  const leftOut: string[] = [];
  const worse: string[] = [];
  for (const benchmark of chosen) {
    const missing = servers.missing(benchmark.needs);
    if (missing.length > 0) {
      leftOut.push(`left out: ${benchmark.name} needs ${missing.join(", ")}: ${engineAdvice(missing)}`);
      continue;
    }
    print(`${benchmark.name} …`);
    const report = await runBenchmark(benchmark, { open: () => servers.open(benchmark.needs), print, ...(seconds === undefined ? {} : { seconds }) });
    reports.push(report);
    print(`\n${renderSection(report)}`);
    await writeSections(results, new Map([[report.name, renderSection(report)]]));
    if (compare && !(await isAsGood(report))) worse.push(report.name);
    if (!keep) continue;
    if (report.failure === undefined) await keepBaseline(baselineOf(report));
    else print(`no baseline is kept of ${report.name}: it did not run to its end`);
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(reports, null, 2)}\n`);
  for (const report of reports) print(`${keepsLimits(report) ? "ok    " : report.failure === undefined ? "MISSED" : "FAILED"} ${report.name}`);
  for (const line of leftOut) print(line);
  for (const name of worse) print(`WORSE  ${name} than its baseline`);
  if (keep) {
    await writeTargets();
    print("docs/scale.md is computed from the baselines: node bench/scale/main.ts");
  }
  return compare ? worse.length === 0 && reports.every(({ failure }) => failure === undefined) : reports.every(keepsLimits);
}

let options: BenchOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exit(2);
}
const broken: string[] = [];
const all = await loadBenchmarks(broken);
const unknown = options.names.filter((asked) => ![...all.keys()].some((name) => isAsked(name, asked)));
for (const line of broken) process.stderr.write(`cannot be loaded: ${line}\n`);
if (unknown.length > 0) {
  process.stderr.write(`no benchmark is called ${unknown.join(", ")}; there are: ${[...all.keys()].join(", ")}\n`);
  process.exitCode = 2;
} else if (options.targets) {
  await writeTargets();
} else if (options.list) {
  for (const { name, about, needs, onlyByName } of all.values()) print(`${name}${onlyByName === true ? " (only by name)" : ""}${needs.length > 0 ? ` [${needs.join(", ")}]` : ""}: ${about}`);
} else {
  const servers = new Servers({ own: options.own, print });
  const release = await waitForTurn(print);
  const ok = await runAll(options, all, servers).finally(() => servers.close()).finally(release);
  if (!ok || (broken.length > 0 && options.names.length === 0)) process.exitCode = 1;
}
// A client that a benchmark left open must not keep the run from ending.
process.exit();
