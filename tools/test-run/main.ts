import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { createInterface } from "node:readline/promises";
import { checks } from "../checks.ts";
import type { Check } from "../checks.ts";
import { measureCoverage } from "../coverage/measure.ts";
import type { EngineName } from "../engines/engine.ts";
import { sourceFiles } from "../source-files.ts";
import { installPackages, missingPackages } from "./debian-packages.ts";
import { neededEngines, wholeInstallations } from "./needed-engines.ts";
import { readOptions, usage } from "./options.ts";
import type { TestOptions } from "./options.ts";
import { coverageLines, percent, requiredPercent } from "./report-coverage.ts";
import { runCommand } from "./run-command.ts";
import { failureText, runTests } from "./run-tests.ts";
import { fetchEstimate, TestEngines } from "./test-engines.ts";

const root = join(import.meta.dirname, "..", "..");
const checkTimeoutMs = 300_000;
const checksAtOnce = 2;
const slowNamed = 5;
const ci = process.env["CI"] === "true";
const engines = new TestEngines({ print });

/** What failed, a line each, printed once more at the very end. */
const failed: string[] = [];
let checksPassed = 0;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printTable(title: string, lines: readonly string[]): void {
  if (lines.length > 0) print([title, ...lines].join("\n"));
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: string }> {
  const startedMs = performance.now();
  const result = await work();
  return { result, seconds: `${((performance.now() - startedMs) / 1000).toFixed(1)} s` };
}

async function preparePackages(): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (!ci) {
    print(`not installed: ${missing.join(", ")}; tests that need them are skipped (apt-get install ${missing.join(" ")})`);
    return;
  }
  const { result, seconds } = await timed(() => installPackages(missing, root));
  print(`apt-get install ${missing.join(" ")}: ${result ? "FAILED" : "done"} ${seconds}`);
  if (!result) return;
  print(result);
  failed.push(`Debian packages: ${missing.join(", ")}`);
}

async function runChecks(): Promise<void> {
  const left = checks.filter(({ needs }) => !needs || existsSync(join(root, needs)));
  const runLeft = async (): Promise<void> => {
    for (let check = left.shift(); check; check = left.shift()) await runCheck(check);
  };
  await Promise.all(Array.from({ length: checksAtOnce }, runLeft));
}

async function runCheck({ name, command, mend }: Check): Promise<void> {
  const { result, seconds } = await timed(() => runCommand(command, { cwd: root, timeoutMs: checkTimeoutMs }));
  print(`check: ${name} … ${result.ok ? "ok" : "FAILED"} ${seconds}`);
  if (result.ok) {
    checksPassed += 1;
    return;
  }
  print(`${result.output}\n  to mend: ${mend}`);
  failed.push(`check: ${name}`);
}

function chooseFiles({ only }: TestOptions): string[] {
  const files = sourceFiles(root).filter((path) => /\.test\.tsx?$/.test(path));
  const chosen = only.length === 0 ? files : files.filter((path) => only.some((glob) => matchesGlob(path, glob)));
  if (chosen.length === 0) failed.push(only.length === 0 ? "no test file found" : `no test file matches ${only.join(" ")}`);
  return chosen;
}

/** Says what fetching will cost before it happens; only a person at a terminal is asked. */
async function agreeToFetch(needed: readonly EngineName[]): Promise<void> {
  const { names, downloadMb, seconds } = fetchEstimate(needed);
  print(names.length === 0 ? "every engine is here already" : `to fetch: ${names.join(", ")}; about ${downloadMb} MB and ${seconds} s`);
  if (names.length === 0 || !process.stdin.isTTY || !process.stdout.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Go on? [Y/n] ");
  terminal.close();
  if (/^n/i.test(answer.trim())) process.exit(1);
}

async function startEngines(needed: readonly EngineName[], options: TestOptions): Promise<void> {
  const fetch = ci || options.engines;
  // A test that starts an engine of its own downloads no more than we do.
  if (!fetch) process.env["CAUDAL_ENGINES_FETCH"] = "no";
  // Three brokers take more memory than a plain run may; whoever asks for the engines asks for those tests too.
  else process.env["CAUDAL_TEST_NODES"] ??= "3";
  await engines.start(needed, { fetch, evenWithLittleMemory: ci });
  if (ci) failed.push(...engines.leftOut.map(({ name, reason }) => `engine ${name}: ${reason}`));
}

function tellLeftOut(needed: readonly EngineName[]): void {
  if (engines.leftOut.length === 0 && longOnes.length === 0) return;
  print("left out:");
  if (longOnes.length > 0) print(`  whole installations on every engine, some four minutes: ${longOnes.join(", ")}`);
  for (const { name, reason } of engines.leftOut) print(`  the tests of ${name}: ${reason}`);
  const { names, downloadMb, seconds } = fetchEstimate(needed);
  print(`npm run test:engines adds them${names.length > 0 ? `: about ${downloadMb} MB to fetch in about ${seconds} s` : ""}`);
}

/** Ctrl-C and a stop from outside end the engines first. */
function stopEnginesOnSignals(): void {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.once(signal, () => void engines.stop().finally(() => process.exit(code)));
  }
}

async function testAll(chosen: readonly string[], options: TestOptions): Promise<{ passed: number; skipped: number; unsteady: number }> {
  const coverageFolder = mkdtempSync(join(tmpdir(), "caudal-coverage-"));
  try {
    const { result, seconds } = await timed(() => runTests({ root, files: chosen, coverageFolder, print }));
    print(`tests: ${chosen.length} files in ${seconds}`);
    for (const { durationMs, name, file } of result.slow.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, slowNamed)) {
      print(`  slowest: ${(durationMs / 1000).toFixed(1)} s  ${name} (${file})`);
    }
    printTable("the ports' suites by what stands behind:", result.ports.lines());
    printTable("what each engine cost:", engines.costLines());
    const coverage = measureCoverage(root, coverageFolder);
    for (const line of coverageLines(coverage)) print(line);
    if (options.only.length === 0 && percent(coverage) < requiredPercent) failed.push(`line coverage is below ${requiredPercent} %`);
    if (result.skipped.length > 0) print("skipped:");
    for (const { file, name, reason } of result.skipped) print(`  ${name} (${file}): ${reason}`);
    if (result.unsteady.length > 0) print("unsteady tests, which failed beside others and passed alone:");
    for (const failure of result.unsteady) print(failureText(failure));
    if (result.failures.length > 0) print("failed tests:");
    for (const failure of result.failures) {
      print(failureText(failure));
      failed.push(`${failure.name} (${failure.file})`);
    }
    return { passed: result.passed, skipped: result.skipped.length, unsteady: result.unsteady.length };
  } finally {
    rmSync(coverageFolder, { recursive: true, force: true });
  }
}

let options: TestOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exit(2);
}
process.env["TURBO_TELEMETRY_DISABLED"] = "1";
stopEnginesOnSignals();
const asked = chooseFiles(options);
// A plain run ends within ten minutes: what runs everything on every engine is left to CI and to whoever asks for it.
const longOnes = ci || options.engines || options.only.length > 0 ? [] : wholeInstallations(root, asked);
const chosen = asked.filter((file) => !longOnes.includes(file));
const needed = neededEngines(root, chosen);
if (options.engines) await agreeToFetch(needed);
await preparePackages();
// Fetching waits for the network and checks for the processor: they go on side by side.
await Promise.all([startEngines(needed, options), options.checks ? runChecks() : undefined]);
const { passed, skipped, unsteady } = await testAll(chosen, options).finally(() => engines.stop());
tellLeftOut(needed);
if (failed.length > 0) print(`\nfailed:\n${failed.map((line) => `  ${line}`).join("\n")}`);
print(`\n${passed + checksPassed} passed, ${failed.length} failed, ${skipped} skipped${unsteady > 0 ? `, ${unsteady} unsteady` : ""}`);
// And not when nothing is left to do: drivers that asked the engines for their health may go on looking for them.
process.exit(failed.length > 0 ? 1 : 0);
