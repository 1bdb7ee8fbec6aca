import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { checks } from "../checks.ts";
import { measureCoverage } from "../coverage/measure.ts";
import { sourceFiles } from "../source-files.ts";
import { installPackages, missingPackages } from "./debian-packages.ts";
import { readOptions, usage } from "./options.ts";
import type { TestOptions } from "./options.ts";
import { coverageLines, percent, requiredPercent } from "./report-coverage.ts";
import { runCommand } from "./run-command.ts";
import { failureText, runTests } from "./run-tests.ts";

const root = join(import.meta.dirname, "..", "..");
const checkTimeoutMs = 300_000;
const slowNamed = 5;

/** What failed, a line each, printed once more at the very end. */
const failed: string[] = [];
let checksPassed = 0;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: string }> {
  const startedMs = performance.now();
  const result = await work();
  return { result, seconds: `${((performance.now() - startedMs) / 1000).toFixed(1)} s` };
}

async function preparePackages(): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (process.env["CI"] !== "true") {
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
  for (const { name, command, mend, needs } of checks) {
    if (needs && !existsSync(join(root, needs))) continue;
    const { result, seconds } = await timed(() => runCommand(command, { cwd: root, timeoutMs: checkTimeoutMs }));
    print(`check: ${name} … ${result.ok ? "ok" : "FAILED"} ${seconds}`);
    if (result.ok) {
      checksPassed += 1;
      continue;
    }
    print(result.output);
    print(`  to mend: ${mend}`);
    failed.push(`check: ${name}`);
  }
}

async function testAll(options: TestOptions): Promise<{ passed: number; skipped: number }> {
  const files = sourceFiles(root).filter((path) => /\.test\.tsx?$/.test(path));
  const chosen = options.only.length === 0 ? files : files.filter((path) => options.only.some((glob) => matchesGlob(path, glob)));
  if (chosen.length === 0) failed.push(options.only.length === 0 ? "no test file found" : `no test file matches ${options.only.join(" ")}`);
  const coverageFolder = mkdtempSync(join(tmpdir(), "caudal-coverage-"));
  try {
    const { result, seconds } = await timed(() => runTests({ root, files: chosen, coverageFolder, print }));
    print(`tests: ${chosen.length} files in ${seconds}`);
    for (const { durationMs, name, file } of result.slow.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, slowNamed)) {
      print(`  slowest: ${(durationMs / 1000).toFixed(1)} s  ${name} (${file})`);
    }
    const coverage = measureCoverage(root, coverageFolder);
    for (const line of coverageLines(coverage)) print(line);
    if (options.only.length === 0 && percent(coverage) < requiredPercent) failed.push(`line coverage is below ${requiredPercent} %`);
    if (result.skipped.length > 0) print("skipped:");
    for (const { file, name, reason } of result.skipped) print(`  ${name} (${file}): ${reason}`);
    if (result.failures.length > 0) print("failed tests:");
    for (const failure of result.failures) {
      print(failureText(failure));
      failed.push(`${failure.name} (${failure.file})`);
    }
    return { passed: result.passed, skipped: result.skipped.length };
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
await preparePackages();
if (options.checks) await runChecks();
const { passed, skipped } = await testAll(options);
if (failed.length > 0) print(`\nfailed:\n${failed.map((line) => `  ${line}`).join("\n")}`);
print(`\n${passed + checksPassed} passed, ${failed.length} failed, ${skipped} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;
